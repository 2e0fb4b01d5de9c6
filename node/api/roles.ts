// Who may do what at a peer. Deny by default: what a role doesn't list it may not do. A role is added here.

/**
 * `find`: look a patient up in the federation and ask for studies. `view`: search and read studies kept here.
 * `decide`: approve and deny others' requests. `report`: write conclusions and selections into studies. `verify`: answer
 * for what one writes there. `resolve`: decide what becomes of conflicts and quarantined objects. `import`, `audit`,
 * `manage` (members, tokens), `status`: as they say.
 */
export type Permission =
  | 'find'
  | 'view'
  | 'decide'
  | 'report'
  | 'verify'
  | 'import'
  | 'resolve'
  | 'audit'
  | 'manage'
  | 'status';

const permissions = {
  practitioner: ['find', 'view', 'report', 'verify', 'status'],
  imaging: ['find', 'view', 'decide', 'report', 'verify', 'import', 'status'],
  custodian: ['view', 'decide', 'import', 'resolve', 'audit', 'status'],
  learner: [],
  patient: [],
  statistician: [],
  admin: ['find', 'view', 'decide', 'report', 'import', 'resolve', 'audit', 'manage', 'status'],
  device: ['import', 'view', 'status'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof permissions;

export const roles = Object.keys(permissions) as readonly Role[];

export const permissionsOf = (role: Role): readonly Permission[] => permissions[role];

export const roleMay = (role: Role, permission: Permission): boolean => permissionsOf(role).includes(permission);
