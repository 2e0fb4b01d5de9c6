import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkDecision } from '../../../protocol/access/decision.ts';
import { verifyAccessMessage, verifyGrant } from '../../../protocol/access/messages.ts';
import { openPatient } from '../../../protocol/access/patient.ts';
import { checkReceipt } from '../../../protocol/access/receipt.ts';
import { checkRequest, digestOf } from '../../../protocol/access/request.ts';
import { unwrapGrant } from '../../../protocol/access/wrap.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { verify } from '../../../protocol/identity.ts';
import * as f from '../../../protocol/vectors/access-fixture.ts';

const folder = new URL('../../../protocol/vectors/access/', import.meta.url);
const members = f.members();

const secretOf = (secret: { x25519: string; mlkemSeed: string }) => ({
  x25519: unhex(secret.x25519),
  mlkemSeed: unhex(secret.mlkemSeed),
});

// biome-ignore lint/suspicious/noExplicitAny: each kind of vector has its own shape, given by the script that makes it
const replay: Record<string, (input: any) => unknown> = {
  message({ federation, now, envelope }) {
    const message = verifyAccessMessage(unhex(envelope), federation, verify);
    const { kind } = message;
    if (kind === 'reserved') throw new PeerError('kind/unsupported', { kind: message.of });
    if (kind === 'request') {
      checkRequest({ opened: message.opened, me: f.owner, members, now });
      return { kind, id: message.opened.value.id, digest: digestOf(message.opened) };
    }
    if (kind === 'decision') {
      const { requestValue, requestDigest } = f;
      checkDecision({ opened: message.opened, request: requestValue, requestDigest, members, now });
      return { kind, state: message.opened.value.state, grants: message.opened.value.grants?.length };
    }
    checkReceipt({ opened: message.opened, grant: f.grantValue, members, now });
    return { kind, complete: message.opened.value.complete };
  },
  patient: ({ sealed, secret, ...context }) => openPatient(unhex(sealed), secretOf(secret), context),
  wrap({ federation, secret, grant }) {
    const { value } = verifyGrant(unhex(grant), federation, verify);
    const keys = unwrapGrant(value, secretOf(secret), federation);
    return {
      manifestKey: hex(keys.manifestKey),
      series: keys.series.map((each) => ({ ...each, key: hex(each.key) })),
    };
  },
};

test.each(readdirSync(folder))('%s', (name) => {
  const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  let found: unknown;
  try {
    found = replay[what]!(input);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    found = error.code;
  }
  expect(found).toEqual(expected);
});
