// The way out: the guard, with what it decides by and what it lets go.
import type { Policy } from '../../protocol/access/policy.ts';
import { summaryProtocol } from '../../protocol/adverts/ask.ts';
import type { BoxSecret } from '../../protocol/box.ts';
import type { Acts } from '../audit/acts.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Us } from '../federation/us.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { Network } from '../net/network.ts';
import type { Kv } from '../store/kv.ts';
import type { StoredObjects } from '../store/objects.ts';
import type { Store } from '../store/start.ts';
import type { Vault } from '../store/vault.ts';
import type { MachineParts } from '../system/parts.ts';
import { Grants } from './grants.ts';
import { Guard, type GuardParts } from './guard.ts';
import { incomingRequests } from './incoming-requests.ts';
import { Replays } from './replays.ts';
import { studyReader } from './study-reader.ts';

export interface AccessStartParts extends MachineParts {
  readonly config: { readonly policy: Pick<Policy, 'autoGrant'> };
  readonly keys: { readonly box: BoxSecret };
  readonly kv: Kv;
  readonly vault: Vault;
  readonly store: Pick<Store, 'index' | 'keys'> & { readonly objects: StoredObjects };
  readonly manifests: Manifests;
  readonly us: () => Us;
  readonly network: Network;
  readonly acts: Acts;
  readonly trail: AuditTrail;
  readonly publication: GuardParts['publication'];
  /** Durable when it resolves; delivered whenever its member can be reached until `notAfter`. */
  readonly post: (message: {
    readonly kind: 'decision';
    readonly about: string;
    readonly to: string;
    readonly envelope: Uint8Array;
    readonly notAfter: number;
  }) => Promise<void>;
}

/** A decision waits so long for a member that is off line. */
const decisionMs = 60 * 24 * 3_600_000;

export async function openAccess(parts: AccessStartParts) {
  const { config, keys, kv, vault, store, manifests, us, network, acts, trail, post } = parts;
  const { bulk, clock, random, events } = parts;
  const replays = new Replays({ kv, vault, clock });
  await replays.load();
  const grants = new Grants({ bucket: kv.bucket('grant'), manifests, keys: store.keys, us, clock, random });
  // between hospitals that have agreed to grant, nobody need type a birth date; one that differs goes to a person
  const policy = { autoGrant: config.policy.autoGrant.map((rule) => ({ ...rule, withoutDemographics: true })) };
  const guard = new Guard(
    { policy },
    {
      ...{ us, box: keys.box, index: store.index, grants, replays, manifests, acts, events, clock, random },
      requests: incomingRequests(kv),
      publication: parts.publication,
      read: (study) => studyReader(study, { ...store, bulk }),
      auditHead: (from) => trail.attachedHead(from),
      send: (to, about, envelope) =>
        post({ kind: 'decision', about, to, envelope, notAfter: clock.now() + decisionMs }),
    },
  );
  network.serve(summaryProtocol, (peer, body) => guard.summary(peer, body));
  return { guard, grants };
}
