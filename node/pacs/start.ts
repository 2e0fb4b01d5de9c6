// Puts the parts about other DICOM nodes together: the queue before the peer takes anything in, the rest once it can read.
import { must } from '../../protocol/errors.ts';
import type { Guard } from '../access/guard.ts';
import type { Acts } from '../audit/acts.ts';
import type { Commitments } from '../dicom/dimse/scu/commitment.ts';
import type { OpenStore } from '../dicom/dimse/sink.ts';
import type { Pixels } from '../dicom/pixels/pool.ts';
import type { Routes } from '../exchange/import/routed.ts';
import type { Config } from '../setup/config.ts';
import type { Index } from '../store/index.ts';
import type { Kv } from '../store/kv.ts';
import type { Vault } from '../store/vault.ts';
import type { Events } from '../system/events.ts';
import type { Lifecycle } from '../system/lifecycle.ts';
import type { Log } from '../system/log.ts';
import { systemClock, systemRandom, systemTimers } from '../system/machine.ts';
import { commit } from './commit.ts';
import { Jobs } from './jobs.ts';
import { Pacs } from './pacs.ts';
import { Remotes } from './remotes.ts';
import { RouteQueue } from './route-queue.ts';
import { Router } from './router.ts';
import { RoutingRules } from './routing-rules.ts';
import { transcoding } from './transcoding.ts';

export interface PacsStartParts {
  readonly config: Config;
  readonly kv: Kv;
  readonly vault: Vault;
  readonly events: Events;
  readonly log: Log;
}

export interface Routing {
  /** Absent when nothing is routed. */
  readonly routes: Routes | undefined;
  /** Something became visible. */
  readonly arrived: () => void;
}

/** What the running peer gives to it. */
export interface PacsUse {
  readonly index: Index;
  readonly guard: Guard;
  readonly acts: Acts;
  /** Takes the instances of a C-GET. */
  readonly store: OpenStore;
  readonly pixels: Pixels;
  /** The server's: results come by any association. */
  readonly commitments: Commitments;
}

/** Reads the queue; `start` begins to send. @throws PeerError config/invalid for a route to a node that isn't named */
export async function openRouting(parts: PacsStartParts) {
  const { config, kv, vault, events } = parts;
  const rules = new RoutingRules(config.routes ?? []);
  const named = new Set(config.dimse.remotes?.map(({ aeTitle }) => aeTitle));
  const stranger = rules.destinations.find((ae) => !named.has(ae));
  must(stranger === undefined, 'config/invalid', { at: '/routes', problem: `${stranger} is not in dimse.remotes` });
  const queue = new RouteQueue({ kv, vault, rules, clock: systemClock, events });
  await queue.load();
  let router: Router | undefined;
  const routing: Routing = {
    routes: rules.destinations.length > 0 ? queue.arriving : undefined,
    arrived: () => router?.arrived(),
  };
  const start = (use: PacsUse, lifecycle: Lifecycle): Pacs => {
    const { guard, acts, store, commitments } = use;
    router = startRouter({ ...parts, ...use, queue }, lifecycle);
    const jobs = new Jobs({ clock: systemClock, random: systemRandom, log: parts.log });
    lifecycle.started('pulls', () => jobs.stop());
    const remotes = remotesOf(parts);
    const asking = { remotes, commitments, random: systemRandom, timers: systemTimers };
    return new Pacs({
      ...{ queue, router, jobs, store, remotes, acts, clock: systemClock },
      commit: (aeTitle, references, signal) => commit(asking, { aeTitle, references, signal }),
      view: (studyUid, by, what, detail) => guard.view(studyUid, by, what, detail),
    });
  };
  return { routing, start };
}

const remotesOf = ({ config, log }: PacsStartParts) => new Remotes(config.dimse, { timers: systemTimers, log });

type RouterStartParts = PacsStartParts & PacsUse & { readonly queue: RouteQueue };

function startRouter(parts: RouterStartParts, lifecycle: Lifecycle): Router {
  const { events, log, queue, guard, index, pixels } = parts;
  const router = new Router(
    {},
    {
      ...{ queue, index, events, log, clock: systemClock, timers: systemTimers, remotes: remotesOf(parts) },
      view: (studyUid, by, what) => guard.view(studyUid, by, what),
      transcode: transcoding(pixels),
    },
  );
  router.start();
  lifecycle.started('router', () => router.stop());
  return router;
}
