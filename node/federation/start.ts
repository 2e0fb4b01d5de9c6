// This peer among the others: the network behind the gate, the roster that the gate goes by, and who we are in it.
import type { BoxSecret } from '../../protocol/box.ts';
import type { Signer } from '../../protocol/identity.ts';
import type { Doorkeeper, Network } from '../net/network.ts';
import type { Kv } from '../store/kv.ts';
import type { Lifecycle } from '../system/lifecycle.ts';
import { errorFields } from '../system/log.ts';
import { type MachineParts, reportFailure } from '../system/parts.ts';
import { cardStore, Federation, type FederationParts, rosterStore } from './federation.ts';
import { Gate } from './gate.ts';
import { RosterExchange } from './roster-exchange.ts';

export interface FederationStartParts extends MachineParts {
  readonly kv: Kv;
  readonly network: (doorkeeper: Doorkeeper, onFailure: (error: unknown, protocol: string) => void) => Network;
  readonly keys: { readonly signer: Signer; readonly box: BoxSecret };
  readonly card: FederationParts['card'];
}

/** A card is looked at so often: addresses change, and it is made anew every month. */
const announceMs = 3_600_000;

/** Nothing goes over the network before `start`; `load` reads what is on disk. */
export function openFederation(parts: FederationStartParts) {
  const { kv, keys, card, verify, clock, timers, random, events, log } = parts;
  const onTurnedAway = (peer: string, standing: string) => log.info({ peer, standing }, 'a peer was turned away');
  const gate: Gate = new Gate({}, { clock, timers, membership: () => rosters.current(), onTurnedAway });
  const network = parts.network(gate, (error, protocol) => {
    log.warn({ protocol, ...errorFields(error) }, 'a handler failed');
  });
  const rosters: RosterExchange = new RosterExchange(
    {},
    {
      ...{ network, gate, clock, timers, random, verify },
      rosterStore: rosterStore(kv),
      cardStore: cardStore(kv),
      onRoster: (now) => queueMicrotask(() => federation.changed(now)),
      onAlarm: (alarm, number) => events.alarm(`roster-${alarm}`, { number }),
      onFailure: (error, peer) => log.info({ peer, ...errorFields(error) }, 'an exchange of rosters failed'),
    },
  );
  const federation = new Federation({ ...keys, exchange: rosters, network, card, verify, clock, events, log });

  const start = async (lifecycle: Lifecycle): Promise<void> => {
    await network.start();
    lifecycle.started('network', () => network.stop());
    gate.watch(network);
    lifecycle.started('gate', () => gate.stop());
    await rosters.start();
    lifecycle.started('roster exchange', () => rosters.stop());
    await federation.announce();
    const announceAgain = timers.every(announceMs, () => {
      federation.announce().catch(reportFailure(log, 'announcing our card'));
    });
    lifecycle.started('card', announceAgain);
  };
  return { federation, network, rosters, gate, load: () => rosters.load(), start };
}
