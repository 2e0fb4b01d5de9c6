// Small schemas that several resources share.
import { type TProperties, type TSchema, Type } from 'typebox';
import { purposes } from '../../protocol/practitioner.ts';
import { givenRoles, roles } from './roles.ts';

/** An object without other keys than these. */
export const closed = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

/** One of these words. */
export const oneOf = <const T extends string>(values: readonly T[], options: { description?: string } = {}) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );

/** A schema with words of its own on what is meant. */
export const described = <T extends TSchema>(schema: T, description: string): T => ({ ...schema, description });

export const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** 16 random bytes: requests, transfers, grants, patients. */
export const Id = Type.String({ pattern: '^[0-9a-f]{32}$' });

export const WithId = closed({ id: Id });

export const Uid = Type.String({ pattern: '^[0-9]+(\\.[0-9]+)*$', maxLength: 64 });

/** What may be absent. */
export const Optional = Type.Optional(Type.String());

export const UnixMs = Type.Integer({ description: 'Unix ms.' });

/** A whole number in a query, where everything is text. */
export const Count = Type.String({ pattern: '^[0-9]{1,15}$' });

export const Role = oneOf(roles);

/** A role that somebody or something is given. */
export const GivenRole = oneOf(givenRoles);

export const Purpose = oneOf(purposes);
