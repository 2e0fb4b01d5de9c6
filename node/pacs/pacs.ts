// Other DICOM nodes as people and programs of this peer use them: who they are, what they have, studies from them and to
// them. Whoever asks is written down before anything is asked or leaves.
import { PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Principal } from '../access/roles.ts';
import type { StudyReader } from '../access/study-reader.ts';
import type { Acts } from '../audit/acts.ts';
import { identifierSyntaxes, type QueryLevel, type QueryRoot, queryProposal } from '../dicom/dimse/query-models.ts';
import type { Referenced } from '../dicom/dimse/scu/commitment.ts';
import { mustBeDone } from '../dicom/dimse/scu/failures.ts';
import type { OpenStore } from '../dicom/dimse/sink.ts';
import { verification } from '../dicom/dimse/uids.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import type { InstanceRecord } from '../store/records.ts';
import { type Committed, commitAll } from './commit.ts';
import type { Jobs, JobView } from './jobs.ts';
import { pull } from './pull.ts';
import { identifierKeys, type Keys } from './query-keys.ts';
import type { Remotes } from './remotes.ts';
import type { RouteQueue } from './route-queue.ts';
import type { DestinationView, Router } from './router.ts';

export interface PacsParts {
  readonly remotes: Remotes;
  readonly queue: RouteQueue;
  readonly router: Router;
  readonly jobs: Jobs;
  /** Takes the instances of a C-GET. */
  readonly store: OpenStore;
  readonly view: (studyUid: string, by: Principal, what: 'view' | 'export', detail?: object) => Promise<StudyReader>;
  /** Asks for storage commitment. */
  readonly commit: (aeTitle: string, references: readonly Referenced[], signal: AbortSignal) => Promise<Committed>;
  readonly acts: Pick<Acts, 'remoteSearched' | 'pulled' | 'commitmentAsked'>;
  readonly clock: Clock;
}

export interface RemoteView {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface RemoteQuery {
  readonly level: QueryLevel;
  readonly root?: QueryRoot | undefined;
  readonly keys: Keys;
}

/** What of a study. */
export interface Selected {
  readonly study: string;
  readonly series?: string | undefined;
  readonly instance?: string | undefined;
}

export class Pacs {
  readonly #parts: PacsParts;

  constructor(parts: PacsParts) {
    this.#parts = parts;
  }

  list(): RemoteView[] {
    return this.#parts.remotes
      .list()
      .map(({ aeTitle, host, port, tls }) => ({ aeTitle, host, port, tls: tls !== undefined }));
  }

  /** C-ECHO; gives how long connecting and the answer took. @throws PeerError remote/unknown, dimse/* */
  async echo(aeTitle: string): Promise<{ aeTitle: string; ms: number }> {
    const { remotes, clock } = this.#parts;
    const began = clock.now();
    const contexts = [{ abstractSyntax: verification, transferSyntaxes: identifierSyntaxes }];
    mustBeDone(await remotes.with(aeTitle, { contexts }, (client) => client.echo()));
    return { aeTitle, ms: clock.now() - began };
  }

  /**
   * C-FIND: at most `limits.dimseFindAnswers`; `complete` says whether these are all.
   * @throws PeerError remote/unknown, remote/key, dimse/*
   */
  async find(aeTitle: string, { level, root, keys }: RemoteQuery, by: Principal, signal?: AbortSignal) {
    const { remotes, acts } = this.#parts;
    remotes.get(aeTitle);
    const model = root ?? (level === 'PATIENT' ? 'patient' : 'study');
    const query = { root: model, level, keys: identifierKeys(level, keys) };
    await acts.remoteSearched(aeTitle, { level, query: JSON.stringify(keys) }, by);
    return remotes.with(aeTitle, { contexts: [queryProposal(model, 'find')] }, async (client) => {
      const answers: DicomJson[] = [];
      for await (const answer of client.find(query, signal)) {
        if (answers.length === limits.dimseFindAnswers) return { answers, complete: false };
        answers.push(answer);
      }
      return { answers, complete: true };
    });
  }

  /** Starts to fetch a study or series. @throws PeerError remote/unknown, remote/busy */
  async pull(aeTitle: string, { study, series }: Omit<Selected, 'instance'>, by: Principal): Promise<JobView> {
    const { remotes, store, jobs, acts } = this.#parts;
    remotes.get(aeTitle);
    await acts.pulled(aeTitle, study, by);
    return jobs.run({ kind: 'pull', aeTitle, study }, async (step, signal) => {
      const objects = (at: { remaining?: number; completed: number; warning: number; failed: number }) => ({
        done: at.completed + at.warning,
        failed: at.failed,
        total: at.completed + at.warning + at.failed + (at.remaining ?? 0),
      });
      const end = await pull(
        { remotes, store },
        { aeTitle, study, series, signal, onProgress: (now, how) => step({ by: how, objects: objects(now) }) },
      );
      step({ by: end.by, objects: objects(end) });
      if (end.failed > 0) throw new PeerError('remote/incomplete', { failed: end.failed });
    });
  }

  /**
   * Queues what is kept here of a study, series or instance for a node.
   * @throws PeerError remote/unknown, http/not-found, route/full
   */
  async send(aeTitle: string, selected: Selected, by: Principal): Promise<JobView> {
    const { remotes, view, queue, router, jobs } = this.#parts;
    remotes.get(aeTitle);
    const reader = await view(selected.study, by, 'export', { to: aeTitle });
    let total = 0;
    let chunk: InstanceRecord[] = [];
    const flush = async () => {
      const queued = await queue.put(aeTitle, chunk);
      total += queued;
      if (queued < chunk.length) throw new PeerError('route/full');
      chunk = [];
    };
    for await (const instance of reader.instances()) {
      if (selected.series !== undefined && instance.seriesUid !== selected.series) continue;
      if (selected.instance !== undefined && instance.sopInstanceUid !== selected.instance) continue;
      if (chunk.push(instance) >= limits.routeBatch) await flush();
    }
    await flush();
    if (total === 0) throw new PeerError('http/not-found');
    router.wake(aeTitle);
    const { id } = reader.study;
    return jobs.follow({ kind: 'send', aeTitle, study: selected.study, by: 'C-STORE' }, async () => {
      const { waiting, failed } = await queue.ofStudy(aeTitle, id);
      const state = waiting > 0 ? 'running' : failed > 0 ? 'failed' : 'done';
      const objects = { done: Math.max(0, total - waiting - failed), failed, total };
      return { state, objects, code: state === 'failed' ? 'route/expired' : undefined };
    });
  }

  /**
   * Asks a node to confirm that it keeps what is kept here of a study or series.
   * @throws PeerError remote/unknown, remote/busy, http/not-found
   */
  async commit(aeTitle: string, { study, series }: Omit<Selected, 'instance'>, by: Principal): Promise<JobView> {
    const { remotes, view, jobs, acts } = this.#parts;
    remotes.get(aeTitle);
    const reader = await view(study, by, 'view');
    await acts.commitmentAsked(aeTitle, reader.study, by);
    const references: Referenced[] = [];
    for await (const { seriesUid, sopClassUid, sopInstanceUid } of reader.instances()) {
      if (series === undefined || series === seriesUid) references.push({ sopClassUid, sopInstanceUid });
    }
    if (references.length === 0) throw new PeerError('http/not-found');
    return jobs.run({ kind: 'commit', aeTitle, study }, (step, signal) =>
      commitAll(references, (some) => this.#parts.commit(aeTitle, some, signal), step),
    );
  }

  routing(): DestinationView[] {
    return this.#parts.router.view();
  }

  jobs(): Promise<JobView[]> {
    return this.#parts.jobs.list();
  }

  job(id: string): Promise<JobView> {
    return this.#parts.jobs.get(id);
  }

  cancel(id: string): Promise<JobView> {
    return this.#parts.jobs.cancel(id);
  }
}
