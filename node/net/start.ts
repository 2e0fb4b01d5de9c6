// Tags, and the records near them: the keepers' help in making the one, the members that store the other.
import type { Membership } from '../../protocol/federation/membership.ts';
import type { HeldShare } from '../../protocol/tags/keeper.ts';
import type { Lifecycle } from '../system/lifecycle.ts';
import { type MachineParts, reportFailure } from '../system/parts.ts';
import type { Evaluator } from './keepers/evaluator.ts';
import { IndexClient } from './keepers/index-client.ts';
import { KeeperService } from './keepers/keeper.ts';
import type { KvPart } from './kv-part.ts';
import type { Network } from './network.ts';
import { TagStore, type TagStoreOptions } from './records/tag-store.ts';
import { Tags } from './records/tags.ts';

export interface TagsStartParts extends MachineParts {
  readonly kv: { bucket(name: 'meter' | 'tagRecord'): KvPart };
  readonly network: Network;
  readonly evaluator: Evaluator;
  readonly membership: () => Membership;
  /** The shares of the index key that this peer holds. */
  readonly heldShares: () => readonly HeldShare[];
  readonly tagStore?: TagStoreOptions;
}

export function openTags(parts: TagsStartParts) {
  const { kv, network, evaluator, membership, heldShares, verify, clock, timers, random, events, log } = parts;
  const keeper = new KeeperService(
    {},
    {
      ...{ network, evaluator, membership, heldShares, clock },
      meterStore: kv.bucket('meter'),
      onMetered: ({ member, points, granted }) => log.info({ member, points, granted }, 'points were evaluated'),
    },
  );
  const indexClient = new IndexClient(
    {},
    {
      ...{ network, evaluator, membership, random, keeper },
      onBlame: ({ member, code }) => events.alarm('keeper', { member, code }),
    },
  );
  const tagStore = new TagStore(parts.tagStore ?? {}, {
    ...{ network, membership, verify, clock, timers },
    records: kv.bucket('tagRecord'),
    onFailure: reportFailure(log, 'tag records'),
  });
  const tags = new Tags({}, { network, store: tagStore, membership, verify, clock });
  const start = async (lifecycle: Lifecycle): Promise<void> => {
    await tagStore.start();
    lifecycle.started('tag store', () => tagStore.stop());
  };
  return { indexClient, tagStore, tags, start };
}
