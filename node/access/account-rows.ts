// How users and tokens are kept: under hashes of their names and of themselves, in one bucket.
import { createHash } from 'node:crypto';
import { hex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import {
  type GivenRole,
  type Permission,
  permissionsOf,
  permissionsOfProgram,
  type Role,
  roles,
} from '../api/roles.ts';
import type { Principal } from './roles.ts';

/** `session`: of somebody who signed in. `program`: made for a program; so are those of before that don't end. */
export type TokenKind = 'session' | 'program';

export interface TokenRecord extends Principal {
  readonly created: number;
  /** Absent for the data folder's own, and in those of before, which end a year after they were made. */
  readonly expires?: number | undefined;
  readonly kind?: TokenKind | undefined;
  /** Further roles of whoever signed in. */
  readonly also?: readonly GivenRole[] | undefined;
  /** Made by an administrator who is no console: as an administrator's it may no more. */
  readonly narrow?: true | undefined;
  /** The day on which it was last used, as 2026-11-29. */
  readonly used?: string | undefined;
}

export interface UserRecord extends Principal {
  readonly salt: string;
  readonly password: string;
  readonly disabled?: true | undefined;
  /** Further roles. */
  readonly also?: readonly GivenRole[] | undefined;
}

/** A token as it is listed: never the token, nor its hash. */
export interface ListedToken extends Principal {
  readonly id: string;
  readonly kind: TokenKind;
  readonly created: number;
  readonly expires?: number | undefined;
  readonly used?: string | undefined;
}

export interface ListedUser extends Principal {
  readonly disabled: boolean;
  readonly also?: readonly GivenRole[] | undefined;
}

const dayMs = 24 * 3600 * 1000;
export const longestMs = limits.tokenDays * dayMs;

const namePattern = /^[\p{L}\p{M}\p{N} .,'’_@()-]{1,100}$/u;

export const tokenKey = (token: string): Uint8Array => createHash('sha256').update(`token\0${token}`).digest();

export const userKey = (name: string): Uint8Array => createHash('sha256').update(`user\0${name}`).digest();

/** What a token is called: the start of its hash, which nobody can sign in with. */
export const tokenId = (key: Uint8Array): string => hex(key.subarray(0, 8));

export const isUser = (record: TokenRecord | UserRecord): record is UserRecord => 'password' in record;

export const kindOf = ({ kind, expires }: TokenRecord): TokenKind =>
  kind ?? (expires === undefined ? 'program' : 'session');

/** What its holder may do. */
export function rightsOf(record: TokenRecord): ReadonlySet<Permission> {
  const { role, also = [], narrow } = record;
  if (kindOf(record) === 'program' && narrow === undefined) return new Set(permissionsOfProgram(role));
  return new Set([role, ...also].flatMap(permissionsOf));
}

/** When it ends; undefined: never. */
export const endOf = ({ role, expires, created }: TokenRecord): number | undefined =>
  expires ?? (role === 'console' ? undefined : created + longestMs);

export const listedToken = (key: Uint8Array, record: TokenRecord): ListedToken => {
  const { name, role, created, used } = record;
  return { id: tokenId(key), name, role, kind: kindOf(record), created, expires: endOf(record), used };
};

/** @throws PeerError field/invalid */
export function checkName(name: string): string {
  must(namePattern.test(name), 'field/invalid', { at: 'name' });
  return name;
}

/** @throws PeerError field/invalid */
export function checkRole(role: string): Role {
  must((roles as readonly string[]).includes(role), 'field/invalid', { at: 'role', allowed: roles });
  return role as Role;
}
