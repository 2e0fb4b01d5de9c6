// Holds who calls to what their role may do.
import { PeerError } from '../../protocol/errors.ts';
import { type Permission, type Role, roleMay } from '../api/roles.ts';

/** Who a call comes from. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/** Who holds a token, and what that lets them do. */
export interface Holder extends Principal {
  readonly may: ReadonlySet<Permission>;
}

/** @throws PeerError http/forbidden */
export function allow({ role }: Principal, permission: Permission): void {
  if (!roleMay(role, permission)) throw new PeerError('http/forbidden', { role, permission });
}
