// What a peer's API consists of, one file a resource. The HTTP server registers these definitions (http/serve.ts), the
// commands and the portal call them (client.ts), the OpenAPI document is made from them. This folder imports protocol/
// and itself alone, so that a browser can load it.
//
// To add an operation with its command, four files: its definition in the resource's file here; its handler in
// http/routes/, which the compiler asks for; a command in cli/commands/ that calls it by `peer.call(resource.name, ...)`;
// its test. A new resource stands in the list below, and its handlers in http/server.ts.
import { audit } from './audit.ts';
import { find } from './find.ts';
import { patients } from './patients.ts';
import { peer } from './peer.ts';
import { requests } from './requests.ts';
import type { Resource, Route } from './route.ts';
import { transfers } from './transfers.ts';

const api = { audit, find, patients, peer, requests, transfers };

/** All operations. */
export const routes: readonly Route[] = Object.values(api).flatMap((resource: Resource) => Object.values(resource));
