// Grants that we gave: made, kept, checked anew at every object, revoked.
import { checkGrant, type Grant, grantKind, grant as grantPayload } from '../../protocol/access/grant.ts';
import { verifyGrant } from '../../protocol/access/messages.ts';
import { wrapGrant } from '../../protocol/access/wrap.ts';
import { hex, unhex } from '../../protocol/bytes.ts';
import { signEnvelope } from '../../protocol/envelope.ts';
import { must } from '../../protocol/errors.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { seriesKey } from '../../protocol/seal/keys.ts';
import type { Us } from '../federation/us.ts';
import { Recent } from '../flow/recent.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { Bucket } from '../store/kv.ts';
import { decodeRecord, encodeRecord, type StudyRecord } from '../store/records.ts';
import type { StudyKeys } from '../store/study-keys.ts';
import type { IncomingRequest } from './incoming-requests.ts';

interface GrantRecord {
  readonly envelope: string;
  readonly request: string;
  /** Our study (id). */
  readonly study: string;
  readonly revoked?: number | undefined;
}

/** A grant as kept, read. */
export interface IssuedGrant extends Omit<GrantRecord, 'envelope'> {
  readonly grant: Grant;
  readonly envelope: Uint8Array;
}

export interface GrantsParts {
  readonly bucket: Bucket;
  readonly manifests: Manifests;
  readonly keys: StudyKeys;
  readonly us: () => Us;
  readonly clock: Clock;
  readonly random: Random;
}

/** Grants held in memory for the checks at every object. */
const cached = 1_000;

export class Grants {
  readonly #parts: GrantsParts;
  readonly #recent = new Recent<string, IssuedGrant>({ most: cached });

  constructor(parts: GrantsParts) {
    this.#parts = parts;
  }

  /** Permission for one study to the request's member, until `to`; durable when it resolves. Gives the envelope. */
  async issue(asked: IncomingRequest, study: StudyRecord, id: string, to: number): Promise<Uint8Array> {
    const { manifests, keys, us, clock, random } = this.#parts;
    const { federation, member, signer } = us();
    const cut = await manifests.cut(study);
    const { key: studyKey } = await keys.own(study.id);
    const series = cut.manifest.series.map(({ uid, generation }) => ({
      uid,
      generation,
      key: seriesKey(studyKey, uid, generation),
    }));
    const bound = { id, requestDigest: asked.digest, holder: asked.from, manifest: cut.id, scope: 'all' as const, to };
    const box = { x25519: unhex(asked.keys.x25519), mlkem: unhex(asked.keys.mlkem) };
    const now = clock.now();
    const value: Grant = {
      ...bound,
      owner: member.id,
      manifestLength: cut.bytes.length,
      actions: ['view', 'store'],
      audience: 'hospital',
      from: now,
      issuedAt: now,
      wrapped: wrapGrant({ manifestKey: cut.key, series }, box, federation, bound, random),
    };
    const envelope = signEnvelope(grantKind, grantPayload, value, federation, signer);
    await keys.shared(study.id, to);
    await this.#put({ grant: value, envelope, request: asked.id, study: study.id });
    return envelope;
  }

  /** @throws PeerError access/grant-unknown */
  async get(id: string): Promise<IssuedGrant> {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const row = /^[0-9a-f]{32}$/.test(id) ? await this.#parts.bucket.get(unhex(id)) : undefined;
    must(row !== undefined, 'access/grant-unknown', { grant: id });
    const { envelope, ...record } = decodeRecord<GrantRecord>(row);
    const { federation, verify } = this.#parts.us();
    const opened = verifyGrant(unhex(envelope), federation, verify);
    return this.#remember({ ...record, grant: opened.value, envelope: unhex(envelope) });
  }

  /**
   * The live check: asked for the manifest and again before every object.
   * @throws PeerError access/grant-unknown, member/unknown, access/holder, access/revoked, access/not-yet, access/expired
   */
  async check(id: string, peer: string): Promise<IssuedGrant> {
    const given = await this.get(id);
    const { membership } = this.#parts.us();
    const revoked = given.revoked !== undefined || membership.isRevoked('grant', id);
    checkGrant({ grant: given.grant, connection: peer, members: membership, now: this.#parts.clock.now(), revoked });
    return given;
  }

  /** From now on every check refuses it; durable when it resolves. */
  async revoke(id: string): Promise<IssuedGrant> {
    const given = { ...(await this.get(id)), revoked: this.#parts.clock.now() };
    this.#remember(given);
    await this.#put(given);
    await this.#parts.keys.shared(given.study, given.revoked);
    return given;
  }

  async #put(given: IssuedGrant): Promise<void> {
    const { grant, envelope, ...record } = given;
    await this.#parts.bucket.put(unhex(grant.id), encodeRecord({ ...record, envelope: hex(envelope) }));
    this.#remember(given);
  }

  #remember(given: IssuedGrant): IssuedGrant {
    this.#recent.set(given.grant.id, given);
    return given;
  }
}
