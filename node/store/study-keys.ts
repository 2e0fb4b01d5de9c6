// Which key seals what: one random study key for each study that comes in here, and the series keys that grants
// brought with copies. Persisted with the first instance that needs them.
import { hex, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { newStudyKey, seriesKey } from '../../protocol/seal/keys.ts';
import { Recent } from '../flow/recent.ts';
import type { Kv, Write } from './kv.ts';
import { decodeRecord, encodeRecord, type InstanceRecord, type StudyKeysRecord } from './records.ts';

/** Keys in memory: a study that is being received is asked for once an instance. */
const cached = 1_000;

export class StudyKeys {
  readonly #kv: Kv;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #recent = new Recent<string, StudyKeysRecord>({ most: cached });

  constructor(parts: { kv: Kv; random: Random; clock: Clock }) {
    this.#kv = parts.kv;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /**
   * Our own study key, made now if there is none; the generation for what is added now; and the write that keeps both.
   * Once a grant has ended, what comes is under a generation whose keys its holder never had.
   */
  async own(study: string): Promise<{ key: Uint8Array; generation: number; writes: Write[] }> {
    const before = (await this.#read(study)) ?? this.#recent.get(study) ?? { granted: {} };
    const { sharedUntil, generation: shared = 1, studyKey = hex(newStudyKey(this.#random)) } = before;
    const ended = sharedUntil !== undefined && sharedUntil <= this.#clock.now();
    const generation = ended ? shared + 1 : shared;
    const now: StudyKeysRecord = { ...before, studyKey, generation, sharedUntil: ended ? undefined : sharedUntil };
    this.#recent.set(study, now);
    return { key: unhex(studyKey), generation, writes: [this.#write(study, now)] };
  }

  /** A grant hands out this study's keys until then; durable when it resolves. Told again, earlier, when it is revoked. */
  async shared(study: string, until: number): Promise<void> {
    const before = (await this.#read(study)) ?? { granted: {} };
    const now = { ...before, sharedUntil: Math.min(until, before.sharedUntil ?? until) };
    this.#recent.set(study, now);
    await this.#kv.commit([this.#write(study, now)]);
  }

  /** Takes the series keys of a grant; the write keeps them. */
  async grant(study: string, source: string, keys: readonly { uid: string; generation: number; key: Uint8Array }[]) {
    const before = (await this.#read(study)) ?? { granted: {} };
    const more = keys.map(({ uid, generation, key }) => [grantedName(source, uid, generation), hex(key)]);
    const now = { ...before, granted: { ...before.granted, ...Object.fromEntries(more) } };
    this.#recent.set(study, now);
    return [this.#write(study, now)];
  }

  /** Puts back what a crash cost the database: the study's own key, unless it is there. Durable when it resolves. */
  async restore(row: Uint8Array, lost: Uint8Array): Promise<void> {
    const study = hex(row);
    const before = await this.#read(study);
    if (before?.studyKey !== undefined) return;
    const { studyKey, granted } = decodeRecord<StudyKeysRecord>(lost);
    const now = { ...before, studyKey, granted: { ...granted, ...before?.granted } };
    this.#recent.set(study, now);
    await this.#kv.commit([this.#write(study, now)]);
  }

  /** The key of the series that an instance belongs to. @throws PeerError store/corrupt when there is none */
  async seriesKey(instance: InstanceRecord): Promise<Uint8Array> {
    const keys = await this.#read(instance.study);
    const { source, seriesUid, generation } = instance;
    if (source === undefined) {
      must(keys?.studyKey !== undefined, 'store/corrupt', { bucket: 'keys' });
      return seriesKey(unhex(keys.studyKey), seriesUid, generation);
    }
    const key = keys?.granted[grantedName(source, seriesUid, generation)];
    must(key !== undefined, 'store/corrupt', { bucket: 'keys' });
    return unhex(key);
  }

  async #read(study: string): Promise<StudyKeysRecord | undefined> {
    const recent = this.#recent.get(study);
    if (recent !== undefined) return recent;
    const row = await this.#kv.bucket('keys').get(unhex(study));
    if (row === undefined) return this.#recent.get(study);
    const record = decodeRecord<StudyKeysRecord>(row);
    this.#recent.set(study, record);
    return record;
  }

  /** Encoded only when it is written: by then another import or grant may have brought this study more keys. */
  #write(study: string, record: StudyKeysRecord): Write {
    const recent = this.#recent;
    return {
      bucket: 'keys',
      key: unhex(study),
      get value() {
        return encodeRecord(recent.get(study) ?? record);
      },
    };
  }
}

const grantedName = (source: string, series: string, generation: number): string => `${source} ${series} ${generation}`;
