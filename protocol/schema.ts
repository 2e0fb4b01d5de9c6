// Typed fields over decoded CBOR: one description gives the TypeScript type, a complete check on the way in and the
// encoding on the way out. Handlers therefore never see an unchecked value.
import { hex, unhex, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { PeerError } from './errors.ts';
import { limits } from './limits.ts';

/** How one value is checked and converted. `at` names the place for the error, by field names only. */
export interface Field<T> {
  decode(value: unknown, at: string): T;
  encode(value: T): unknown;
  readonly optional?: true;
}

export type Infer<F> = F extends Field<infer T> ? T : never;

const invalid = (at: string): PeerError => new PeerError('field/invalid', { at });

/** A byte string of exactly `length` bytes, or of `min` to `max`. */
export function bytes(length: number | { min?: number; max: number }): Field<Uint8Array> {
  const min = typeof length === 'number' ? length : (length.min ?? 0);
  const max = typeof length === 'number' ? length : length.max;
  return {
    decode(value, at) {
      if (!(value instanceof Uint8Array) || value.length < min || value.length > max) throw invalid(at);
      return value;
    },
    encode: (value) => value,
  };
}

/** An id, hash or key of `length` bytes: lowercase hex in the program, bytes on the wire. */
export function id(length = 32): Field<string> {
  const raw = bytes(length);
  return { decode: (value, at) => hex(raw.decode(value, at)), encode: (value) => unhex(value) };
}

/** UTF-8 text of at most `maxBytes` bytes. */
export function text(maxBytes: number = limits.textBytes, pattern?: RegExp): Field<string> {
  return {
    decode(value, at) {
      if (typeof value !== 'string' || value.length > maxBytes || utf8(value).length > maxBytes) throw invalid(at);
      if (pattern !== undefined && !pattern.test(value)) throw invalid(at);
      return value;
    },
    encode: (value) => value,
  };
}

/** A whole number from 0 (or `min`) to `max`. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Field<number> {
  return {
    decode(value, at) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw invalid(at);
      return value;
    },
    encode: (value) => value,
  };
}

/** Unix time in milliseconds. */
export const time = (): Field<number> => uint();

export const bool = (): Field<boolean> => ({
  decode(value, at) {
    if (typeof value !== 'boolean') throw invalid(at);
    return value;
  },
  encode: (value) => value,
});

/** One of the given words. */
export function oneOf<const W extends string>(...words: readonly W[]): Field<W> {
  return {
    decode(value, at) {
      if (!words.includes(value as W)) throw invalid(at);
      return value as W;
    },
    encode: (value) => value,
  };
}

export function array<T>(item: Field<T>, max: number, min = 0): Field<T[]> {
  return {
    decode(value, at) {
      if (!Array.isArray(value) || value.length < min || value.length > max) throw invalid(at);
      return value.map((each, i) => item.decode(each, `${at}[${i}]`));
    },
    encode: (value) => value.map((each) => item.encode(each)),
  };
}

/** JSON (a DICOM JSON model, say) carried as its UTF-8 text, so that floats and nesting stay outside of CBOR. */
export function json(maxBytes: number): Field<unknown> {
  const raw = text(maxBytes);
  return {
    decode(value, at) {
      try {
        return JSON.parse(raw.decode(value, at)) as unknown;
      } catch (cause) {
        throw cause instanceof PeerError ? cause : new PeerError('field/invalid', { at }, { cause });
      }
    },
    encode: (value) => JSON.stringify(value),
  };
}

export const optional = <T>(field: Field<T>): Field<T> & { readonly optional: true } => ({
  decode: field.decode,
  encode: field.encode,
  optional: true,
});

type OptionalKeys<S> = { [K in keyof S]: S[K] extends { optional: true } ? K : never }[keyof S];
export type Struct<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: Infer<S[K]> } & {
  [K in OptionalKeys<S>]?: Infer<S[K]> | undefined;
};

/** A map with these fields. Fields it doesn't name are ignored, unless `crit` of the message names them. */
export function struct<S extends Record<string, Field<unknown>>>(fields: S): Field<Struct<S>> & { readonly fields: S } {
  const entries = Object.entries<Field<unknown>>(fields);
  return {
    fields,
    decode(value, at) {
      if (!(value instanceof Map)) throw invalid(at);
      const out: Record<string, unknown> = {};
      for (const [name, field] of entries) {
        const place = at === '' ? name : `${at}.${name}`;
        if (value.has(name)) out[name] = field.decode(value.get(name), place);
        else if (field.optional !== true) throw new PeerError('field/missing', { at: place });
      }
      return out as Struct<S>;
    },
    encode(value) {
      const out = new Map<string, unknown>();
      for (const [name, field] of entries) {
        const each = (value as Record<string, unknown>)[name];
        if (each !== undefined) out.set(name, field.encode(each));
      }
      return out;
    },
  };
}

/** A payload: a struct that may carry `crit`, with its largest size in bytes. */
export interface Payload<T> {
  /** @throws PeerError cbor/*, field/*, crit/unknown */
  decode(payload: Uint8Array): T;
  encode(value: T): Uint8Array;
  readonly maxBytes: number;
}

/**
 * Describes a payload. `crit` lists the fields that the receiver must understand or refuse (as in RFC 7515 4.1.11).
 */
export function payload<S extends Record<string, Field<unknown>>>(
  fields: S,
  maxBytes: number = limits.messageBytes,
): Payload<Struct<S> & { crit?: string[] | undefined }> {
  const shape = struct({ ...fields, crit: optional(array(text(64), limits.critNames, 1)) });
  return {
    maxBytes,
    decode(input) {
      const value = shape.decode(decodeCbor(input, maxBytes), '') as Struct<S> & { crit?: string[] };
      const unknown = value.crit?.filter((name) => !Object.hasOwn(fields, name));
      if (unknown !== undefined && unknown.length > 0) throw new PeerError('crit/unknown', { names: unknown });
      return value;
    },
    encode: (value) => encodeCbor(shape.encode(value as never)),
  };
}
