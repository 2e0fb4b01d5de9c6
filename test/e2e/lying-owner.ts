// A member that owns a study and grants it to whoever asks, and lies about it while it serves it: the real serving side
// (node/exchange/transfer/serve.ts) over content that is not what the grant says.
import { TransferServer } from '../../node/exchange/transfer/serve.ts';
import { nativeVerify, systemRandom, systemTimers } from '../../node/system/machine.ts';
import { decision, decisionKind } from '../../protocol/access/decision.ts';
import { type Grant, grantKind, grant as grantPayload } from '../../protocol/access/grant.ts';
import { accessProtocol, verifyAccessMessage } from '../../protocol/access/messages.ts';
import { digestOf } from '../../protocol/access/request.ts';
import { type GrantKeys, wrapGrant } from '../../protocol/access/wrap.ts';
import { hex } from '../../protocol/bytes.ts';
import { signEnvelope } from '../../protocol/envelope.ts';
import { must } from '../../protocol/errors.ts';
import { transferProtocol } from '../../protocol/transfer/messages.ts';
import type { Attacker } from './attacker.ts';

/** A study as it is granted. */
export interface Owned {
  readonly manifestId: string;
  readonly manifest: Uint8Array;
  /** In the manifest's order. */
  readonly objects: readonly { readonly objectId: string; readonly sealedLength: number; readonly bytes: Uint8Array }[];
  /** What a holder (member id) is given; different holders may be given different keys. */
  keysFor(holder: string): GrantKeys;
}

export interface Lies {
  manifest?: (bytes: Uint8Array) => Uint8Array;
  /** What is sent as an object's bytes. */
  bytes?: (index: number, bytes: Uint8Array) => Uint8Array;
  /** What is said to be an object's length. */
  length?: (index: number, length: number) => number;
}

export class LyingOwner {
  readonly #as: Attacker;
  readonly #holders = new Map<string, string>();
  study: Owned;
  lies: Lies = {};

  constructor(as: Attacker, study: Owned) {
    this.#as = as;
    this.study = study;
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const server = new TransferServer({
      guard: {
        admitTransfer: async (id) => {
          must(this.#holders.has(id), 'access/grant-unknown');
          const { manifest, objects } = this.study;
          const said = (index: number, length: number) => this.lies.length?.(index, length) ?? length;
          return {
            manifest: this.lies.manifest?.(manifest) ?? manifest,
            object: (index) => {
              const object = objects[index];
              return object && { ...object, sealedLength: said(index, object.sealedLength) };
            },
          };
        },
        check: async () => undefined,
      },
      objects: { read: (objectId, from, to) => this.#read(objectId, from, to) },
      timers: systemTimers,
      log,
    });
    as.network.serveStream(transferProtocol, server.serve);
    as.network.serve(accessProtocol, async (_peer, body) => this.#answer(body));
  }

  async *#read(objectId: string, from: number, to: number): AsyncIterable<Uint8Array> {
    const index = this.study.objects.findIndex((each) => each.objectId === objectId);
    const { bytes } = this.study.objects[index]!;
    const sent = this.lies.bytes?.(index, bytes.slice()) ?? bytes;
    const padded = new Uint8Array(to);
    padded.set(sent.subarray(0, to));
    yield padded.subarray(from);
  }

  /** Grants whatever is asked. */
  #answer(body: Uint8Array): Uint8Array {
    const { federation, signer, member } = this.#as;
    const message = verifyAccessMessage(body, federation, nativeVerify);
    if (message.kind !== 'request') return new Uint8Array();
    const { value } = message.opened;
    const now = Date.now();
    const { manifestId: manifest } = this.study;
    const requestDigest = digestOf(message.opened);
    const bound = { id: hex(systemRandom(16)), requestDigest, holder: value.from, manifest, scope: 'all' as const };
    const context = { ...bound, to: now + 3_600_000 };
    const grant: Grant = {
      ...context,
      owner: member,
      manifestLength: this.study.manifest.length,
      actions: ['view', 'store'],
      audience: 'hospital',
      from: now,
      issuedAt: now,
      wrapped: wrapGrant(this.study.keysFor(value.from), value.keys, federation, context, systemRandom),
    };
    this.#holders.set(grant.id, value.from);
    const grants = [signEnvelope(grantKind, grantPayload, grant, federation, signer)];
    const answer = {
      request: value.id,
      requestDigest,
      to: value.from,
      state: 'granted' as const,
      grants,
      issuedAt: now,
    };
    return signEnvelope(decisionKind, decision, answer, federation, signer);
  }
}

const ignore = (): void => undefined;
