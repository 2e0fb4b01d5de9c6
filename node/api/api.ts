// What a peer's API consists of, one file a resource. The HTTP server registers these definitions (http/serve.ts), the
// commands and the portal call them (client.ts), the OpenAPI document is made from them. This folder imports protocol/
// and itself alone, so that a browser can load it.
//
// To add an operation with its command, four files: its definition in the resource's file here; its handler in
// http/routes/, which the compiler asks for; a command in cli/commands/ that calls it by `peer.call(resource.name, ...)`;
// what that says, in texts/. A new resource stands in the list below, and its handlers in http/server.ts.
import { accounts } from './accounts.ts';
import { audit } from './audit.ts';
import { deidentified } from './deidentified.ts';
import { find } from './find.ts';
import { health } from './health.ts';
import { imports, uploads } from './imports.ts';
import { orders } from './orders.ts';
import { patients } from './patients.ts';
import { peer } from './peer.ts';
import { quarantine } from './quarantine.ts';
import { remotes } from './remotes.ts';
import { reports } from './reports.ts';
import { requests } from './requests.ts';
import type { Resource, Route } from './route.ts';
import { transfers } from './transfers.ts';

const api = {
  accounts,
  audit,
  find,
  peer,
  transfers,
  deidentified,
  health,
  imports,
  orders,
  patients,
  quarantine,
  remotes,
  reports,
  requests,
  uploads,
};

/** All operations. */
export const routes: readonly Route[] = Object.values(api).flatMap((resource: Resource) => Object.values(resource));
