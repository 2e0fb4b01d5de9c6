// Who may do what at this peer. Deny by default: what a role doesn't list it may not do.
import { PeerError } from '../../protocol/errors.ts';

export const roles = [
  'practitioner',
  'imaging',
  'custodian',
  'learner',
  'patient',
  'statistician',
  'admin',
  'device',
] as const;
export type Role = (typeof roles)[number];

/** Who a call comes from. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/**
 * `find`: look a patient up in the federation and ask for studies. `view`: search and read studies kept here.
 * `decide`: approve and deny others' requests. `report`: write conclusions and selections into studies. `resolve`: decide what becomes of
 * conflicts and quarantined objects. `import`, `audit`, `manage` (members, tokens): as they say.
 */
export type Permission = 'find' | 'view' | 'decide' | 'report' | 'import' | 'resolve' | 'audit' | 'manage' | 'status';

const permissions: Record<Role, readonly Permission[]> = {
  practitioner: ['find', 'view', 'report', 'status'],
  imaging: ['find', 'view', 'decide', 'report', 'import', 'status'],
  custodian: ['view', 'decide', 'import', 'resolve', 'audit', 'status'],
  learner: [],
  patient: [],
  statistician: [],
  admin: ['find', 'view', 'decide', 'report', 'import', 'resolve', 'audit', 'manage', 'status'],
  device: ['import', 'view', 'status'],
};

/** @throws PeerError http/forbidden */
export function allow(principal: Principal, permission: Permission): void {
  if (!permissions[principal.role].includes(permission)) {
    throw new PeerError('http/forbidden', { role: principal.role, permission });
  }
}
