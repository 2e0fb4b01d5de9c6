// Who may do what at a peer. Deny by default: what a role doesn't list it may not do. A role is added here.

/**
 * `find`: look a patient up in the federation and ask for studies. `view`: search and read studies kept here. `export`:
 * take a study away: without its patient, as a manifest, to another node. `decide`: approve and deny others' requests.
 * `report`: write conclusions and selections into studies. `verify`: answer for what one writes there. `resolve`: decide
 * what becomes of conflicts and quarantined objects. `fetch`: have other nodes send what they keep. `worklist`: the orders
 * of one's own station. `import`, `audit`, `manage` (members, users, tokens), `status`: as they say.
 */
export type Permission =
  | 'find'
  | 'view'
  | 'export'
  | 'decide'
  | 'report'
  | 'verify'
  | 'import'
  | 'fetch'
  | 'worklist'
  | 'resolve'
  | 'audit'
  | 'manage'
  | 'status';

/** All but `verify`: only a person answers for what a report says. */
const everything = [
  ...(['find', 'view', 'export', 'decide', 'report', 'import', 'fetch'] as const),
  ...(['resolve', 'audit', 'manage', 'status'] as const),
] as const satisfies Permission[];

const permissions = {
  practitioner: ['find', 'view', 'report', 'verify', 'status'],
  imaging: ['find', 'view', 'export', 'decide', 'report', 'verify', 'import', 'fetch', 'status'],
  custodian: ['view', 'export', 'decide', 'import', 'fetch', 'resolve', 'audit', 'status'],
  learner: [],
  patient: [],
  statistician: [],
  admin: ['manage', 'status'],
  device: ['import', 'worklist', 'status'],
  console: everything,
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof permissions;

export type GivenRole = Exclude<Role, 'console'>;

export const roles = Object.keys(permissions) as readonly Role[];

/** Those that people and programs are given: `console` is the data folder's own token. */
export const givenRoles = roles.filter((role): role is GivenRole => role !== 'console');

export const permissionsOf = (role: Role): readonly Permission[] => permissions[role];

/** Of a token that was made for a program: as an administrator's it does what the commands do. */
export const permissionsOfProgram = (role: Role): readonly Permission[] =>
  role === 'admin' ? everything : permissionsOf(role);

export const roleMay = (role: Role, permission: Permission): boolean => permissionsOf(role).includes(permission);
