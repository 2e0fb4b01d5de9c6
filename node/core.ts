// What one hospital's peer is made of, without the machine around it: composed from ports, so that the simulator runs
// the very same over a modelled network, disk and clock. Read it from top to bottom; stopped in exactly the reverse.
import { hkdf } from '../protocol/hash.ts';
import { openAccess } from './access/start.ts';
import { type AuditStartParts, openAudit } from './audit/start.ts';
import { type AskStartParts, openAsking, openOutbox } from './exchange/ask/start.ts';
import { Finder } from './exchange/find/finder.ts';
import { openAdvertising } from './exchange/find/start.ts';
import type { Routes } from './exchange/import/routed.ts';
import { openImport } from './exchange/import/start.ts';
import { type FederationStartParts, openFederation } from './federation/start.ts';
import { Manifests } from './manifests/manifests.ts';
import { openTags, type TagsStartParts } from './net/start.ts';
import type { Config } from './setup/config.ts';
import { type OwnKeys, ownCard } from './setup/data-folder.ts';
import { openStore, type StoreStartParts } from './store/start.ts';
import type { Lifecycle } from './system/lifecycle.ts';
import { openOrders } from './worklist/start.ts';

export interface CoreParts
  extends StoreStartParts,
    Pick<FederationStartParts, 'network'>,
    Pick<AuditStartParts, 'audit'>,
    Pick<TagsStartParts, 'evaluator' | 'tagStore'>,
    Pick<AskStartParts, 'bootId' | 'fetch'> {
  readonly config: Config;
  readonly keys: OwnKeys;
  /** What arrives and goes on to other DICOM nodes. */
  readonly routing?: { readonly routes: Routes | undefined; readonly arrived: () => void };
}

export type Core = Awaited<ReturnType<typeof startCore>>;

/** Starts everything; `lifecycle` stops it. */
export async function startCore(parts: CoreParts, lifecycle: Lifecycle) {
  const { config, keys, kv, bulk, clock, random, events, log } = parts;

  // what is here
  const store = await openStore(parts, lifecycle);
  const { index, objects, keys: studyKeys } = store;
  const manifests = new Manifests({ index, keys: studyKeys, bucket: kv.bucket('manifest'), bulk, random });

  // who we are among the others, and what is written down before anything leaves
  const card: FederationStartParts['card'] = (where) => ownCard(config, keys, where, clock.now());
  const members = openFederation({ ...parts, card });
  const { federation, network, rosters } = members;
  const us = () => federation.us();
  const membership = () => rosters.membership();
  const audit = await openAudit({ ...parts, federation, network });
  const { trail, acts, heads } = audit;

  // being found
  const heldShares = () => federation.heldShares();
  const records = openTags({ ...parts, network, membership, heldShares });
  const { indexClient, tags } = records;
  const advertising = openAdvertising({ ...parts, index, federation, membership, network, indexClient, tags });
  const { patientTags, advertiser } = advertising;

  // the one way in
  const { orders, arrived: joinOrder } = await openOrders(parts);
  const imports = await openImport({
    ...{ ...parts, store, acts },
    routes: parts.routing?.routes,
    arrived: (study) => {
      advertiser.arrived(study);
      parts.routing?.arrived();
      joinOrder(study);
    },
  });

  // the one way out
  const outbox = openOutbox({ ...parts, network, federation });
  const access = await openAccess({
    ...{ ...parts, store, manifests, us, network, acts, trail },
    publication: (tag) => advertiser.publication(tag),
    post: (message) => outbox.post(message),
  });

  // finding, asking, fetching
  const finder = new Finder(config.patientId, {
    ...{ tags: patientTags, network, us, acts, clock, random, events, log },
    lookUp: (wanted, options) => tags.lookUp(wanted, options),
    ownSummary: (envelope) => access.guard.summary(network.self, envelope),
  });
  const exchange = openAsking({
    ...{ ...parts, network, federation, index, objects, importer: imports.importer, manifests },
    ...{ outbox, guard: access.guard, acts, trail, heads, patientTags },
    grantOf: (id) => access.grants.get(id),
  });

  // from here on it runs
  await members.load();
  await records.start(lifecycle);
  await exchange.load();
  await members.start(lifecycle);
  await advertising.start(lifecycle);
  await exchange.start(lifecycle);

  return {
    peerId: keys.peerId,
    // lasts as long as the peer: what was given out years ago and today still belongs together
    deidentificationKey: hkdf(keys.audit, ['dicomnet/1/de-identification']),
    store: { index, objects, keys: studyKeys },
    ...{ members, audit, records, advertising, orders, imports, access, finder, exchange, manifests },
  };
}
