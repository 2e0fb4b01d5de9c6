// Being found and finding: our patients' tags, the records that we publish near them, and looking others' up.

import { must } from '../../../protocol/errors.ts';
import type { Membership } from '../../../protocol/federation/membership.ts';
import { hkdf } from '../../../protocol/hash.ts';
import type { Signer } from '../../../protocol/identity.ts';
import type { Federation } from '../../federation/federation.ts';
import type { IndexClient } from '../../net/keepers/index-client.ts';
import type { Network } from '../../net/network.ts';
import { RepublishLedger } from '../../net/records/ledger.ts';
import type { Tags } from '../../net/records/tags.ts';
import type { Index } from '../../store/index.ts';
import type { Kv } from '../../store/kv.ts';
import type { Vault } from '../../store/vault.ts';
import type { Lifecycle } from '../../system/lifecycle.ts';
import { type MachineParts, reportFailure } from '../../system/parts.ts';
import { Advertiser } from './advertiser.ts';
import { PatientTags } from './patient-tags.ts';

export interface AdvertisingStartParts extends MachineParts {
  readonly config: { readonly advertise: 'summary' | 'existence' | 'nothing' };
  readonly keys: { readonly signer: Signer; readonly audit: Uint8Array };
  readonly kv: Kv;
  readonly vault: Vault;
  readonly index: Index;
  readonly federation: Federation;
  readonly membership: () => Membership;
  readonly network: Network;
  readonly indexClient: IndexClient;
  readonly tags: Tags;
}

export function openAdvertising(parts: AdvertisingStartParts) {
  const { config, keys, kv, vault, index, federation, membership, network, indexClient, tags } = parts;
  const { clock, timers, random, events, log } = parts;
  const patientTags = new PatientTags({
    bucket: kv.bucket('tagSecret'),
    vault,
    evaluate: async (inputs, signal) => {
      const { outputs, generation } = await indexClient.evaluate(inputs, { signal });
      return { y: outputs, generation };
    },
    generation: () => {
      const key = membership().indexKey;
      must(key !== undefined, 'tags/no-keepers', { missing: 1 });
      return key.generation;
    },
  });
  const ledger: RepublishLedger = new RepublishLedger(
    {},
    {
      ...{ clock, timers, random },
      entries: kv.bucket('ledger'),
      publish: (records, options) => tags.publish(records, options),
      makeRecord: (entry) => advertiser.current(entry.tag),
      onAlarm: ({ kind }) => events.alarm(`record-${kind}`),
      onFailure: reportFailure(log, 'publishing'),
    },
  );
  const advertiser: Advertiser = new Advertiser(
    { advertise: config.advertise },
    {
      ...{ index, tags: patientTags, signer: keys.signer, clock, random, timers, log },
      bucket: kv.bucket('publication'),
      secret: hkdf(keys.audit, ['dicomnet/1/summary hedge']),
      self: () => {
        const us = federation.current();
        const generation = us?.membership.indexKey?.generation;
        if (us === undefined || generation === undefined) return undefined;
        return { federation: us.federation, member: us.member.id, incarnation: 1, generation };
      },
      publish: (records) => ledger.queue(records),
      isQueued: (tag) => ledger.has(tag),
    },
  );

  const start = async (lifecycle: Lifecycle): Promise<void> => {
    await ledger.start();
    const stopKicking = network.on('connect', () => ledger.kick());
    lifecycle.started('ledger', () => {
      stopKicking();
      return ledger.stop();
    });
    advertiser.start();
    const stopFollowing = federation.onRoster(() => {
      advertiser.catchUp().catch(reportFailure(log, 'publishing'));
    });
    await advertiser.catchUp();
    lifecycle.started('advertiser', () => {
      stopFollowing();
      return advertiser.stop();
    });
  };
  return { patientTags, advertiser, ledger, start };
}
