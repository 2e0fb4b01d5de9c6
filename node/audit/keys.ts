// Patients' audit keys. An entry names its key by a random reference; which patient that is stands in a record sealed
// under the audit key. With both destroyed nobody can tell whose the entry was, nor read it.

import { gcm } from '@noble/ciphers/aes.js';
import { concat, hex, unhex, utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { hedged, hkdf, hmac } from '../../protocol/hash.ts';
import { limits } from '../../protocol/limits.ts';
import type { Random } from '../../protocol/ports.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import { Recent } from '../flow/recent.ts';

/** One patient's audit key and the reference that entries carry. */
export interface PatientKey {
  /** Random, 16 bytes, hex. */
  readonly ref: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export interface KeyBook {
  get(patient: string): Promise<PatientKey | undefined>;
  /** The patient's key, made durable now if there was none. */
  create(patient: string): Promise<PatientKey>;
  /** The key that entries with this reference open with; undefined once it is destroyed. */
  keyOf(ref: string): Promise<Uint8Array | undefined>;
  /** After this no entry made for the patient so far can be opened. False if there was no key. */
  destroy(patient: string): Promise<boolean>;
}

/** A small durable map, one key space of the peer's database. `put` and `del` are durable when they resolve. */
export interface KeyStore {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  del(key: Uint8Array): Promise<void>;
}

const refBytes = 16;

export class SealedKeyBook implements KeyBook {
  readonly #store: KeyStore;
  readonly #random: Random;
  readonly #sealKey: Uint8Array;
  readonly #nameKey: Uint8Array;
  /** By reference. Insertion order is order of use. */
  readonly #cache = new Recent<string, Uint8Array>({ most: limits.auditKeysCached });
  #destroyed = 0;
  /** What happens to one patient's key happens one after the other. */
  readonly #queue = new KeyedQueue();

  /** @param parts.auditKey 32 bytes */
  constructor(parts: { auditKey: Uint8Array; store: KeyStore; random: Random }) {
    this.#store = parts.store;
    this.#random = parts.random;
    this.#sealKey = hkdf(parts.auditKey, ['dicomnet/1/audit/keys/seal']);
    this.#nameKey = hkdf(parts.auditKey, ['dicomnet/1/audit/keys/name']);
  }

  get(patient: string): Promise<PatientKey | undefined> {
    return this.#queue.run(patient, () => this.#find(patient));
  }

  create(patient: string): Promise<PatientKey> {
    return this.#queue.run(patient, async () => {
      const found = await this.#find(patient);
      if (found !== undefined) return found;
      const ref = hex(this.#random(refBytes));
      const key = hedged(this.#sealKey, utf8(ref), this.#random);
      await this.#store.put(keyPlace(ref), this.#seal(keyPlace(ref), key));
      // second, so that a crash between the two leaves a key that nothing uses, never a reference without its key
      const name = this.#namePlace(patient);
      await this.#store.put(name, this.#seal(name, unhex(ref)));
      this.#cache.set(ref, key);
      return { ref, key };
    });
  }

  async keyOf(ref: string): Promise<Uint8Array | undefined> {
    const cached = this.#cache.get(ref);
    if (cached !== undefined) {
      this.#cache.set(ref, cached);
      return cached;
    }
    const place = keyPlace(ref);
    const before = this.#destroyed;
    const stored = await this.#store.get(place);
    if (stored === undefined) return undefined;
    const key = this.#open(place, stored);
    // a key that may have been destroyed while it was read must not come back into memory
    if (before === this.#destroyed) this.#cache.set(ref, key);
    return key;
  }

  destroy(patient: string): Promise<boolean> {
    return this.#queue.run(patient, async () => {
      const ref = await this.#refOf(patient);
      if (ref === undefined) return false;
      await this.#store.del(keyPlace(ref));
      this.#destroyed++;
      this.#cache.delete(ref);
      await this.#store.del(this.#namePlace(patient));
      return true;
    });
  }

  async #find(patient: string): Promise<PatientKey | undefined> {
    const ref = await this.#refOf(patient);
    const key = ref === undefined ? undefined : await this.keyOf(ref);
    // a reference without key is an erasure that was interrupted: a new key takes its place
    return ref === undefined || key === undefined ? undefined : { ref, key };
  }

  async #refOf(patient: string): Promise<string | undefined> {
    const place = this.#namePlace(patient);
    const stored = await this.#store.get(place);
    return stored === undefined ? undefined : hex(this.#open(place, stored));
  }

  #namePlace(patient: string): Uint8Array {
    return concat(utf8('n'), hmac(this.#nameKey, utf8(patient)));
  }

  #seal(place: Uint8Array, plain: Uint8Array): Uint8Array {
    const nonce = this.#random(12);
    return concat(nonce, gcm(this.#sealKey, nonce, place).encrypt(plain));
  }

  #open(place: Uint8Array, sealed: Uint8Array): Uint8Array {
    try {
      return gcm(this.#sealKey, sealed.subarray(0, 12), place).decrypt(sealed.subarray(12));
    } catch (cause) {
      throw new PeerError('audit/unreadable', { at: 'key' }, { cause });
    }
  }
}

const keyPlace = (ref: string): Uint8Array => concat(utf8('k'), unhex(ref));
