// A study from another DICOM node: by C-GET where it does that, else, and for what that didn't bring, by C-MOVE to ourselves
// (what has come is recognised). C-GET first asks which SOP
// classes the study has, so that each can be had in any transfer syntax that it is stored in.
import { PeerError } from '../../protocol/errors.ts';
import { type QueryKeys, queryProposal } from '../dicom/dimse/query-models.ts';
import type { DimseClient } from '../dicom/dimse/scu/client.ts';
import type { Proposal } from '../dicom/dimse/scu/requestor.ts';
import type { Retrieved, SubOperationCounts } from '../dicom/dimse/scu/retrieve.ts';
import type { OpenStore } from '../dicom/dimse/sink.ts';
import { isStorage } from '../dicom/dimse/uids.ts';
import { attribute, textOf, textsOf } from '../dicom/model/attributes.ts';
import type { Remotes } from './remotes.ts';

export interface PullParts {
  readonly remotes: Remotes;
  readonly store: OpenStore;
}

export interface Pull {
  readonly aeTitle: string;
  readonly study: string;
  readonly series?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SubOperationCounts, by: PullOperation) => void;
}

export type PullOperation = 'C-GET' | 'C-MOVE' | 'C-GET+C-MOVE';

/** Most wanted first: where contexts are few, the last share one. Ends of UIDs, the retired ones too (PS3.6 A). */
const syntaxes: readonly string[] = [
  ...['.1', '', '.4.70', '.4.90', '.4.80', '.4.91', '.4.50', '.5', '.4.81', '.4.51', '.4.57', '.4.201', '.4.202'],
  ...[
    '.4.203',
    '.1.99',
    '.2',
    '.4.100',
    '.4.102',
    '.4.103',
    '.4.101',
    '.4.104',
    '.4.105',
    '.4.106',
    '.4.107',
    '.4.108',
  ],
  ...['.4.92', '.4.93', '.4.52', '.4.53', '.4.54', '.4.55', '.4.56', '.4.58', '.4.59', '.4.60', '.4.61', '.4.62'],
  ...['.4.63', '.4.64', '.4.65', '.4.66', '.4.110', '.4.111', '.4.112'],
].map((end) => `1.2.840.10008.1.2${end}`);

const storage = '1.2.840.10008.5.1.4.1.1';
/** For those who don't tell what a study has. */
const commonClasses: readonly string[] = [
  ...['1', '1.1', '1.1.1', '1.2', '1.2.1', '1.3', '1.3.1', '2', '2.1', '3.1', '4', '4.1', '4.2', '4.3', '6.1', '6.2'],
  ...[
    '7',
    '7.1',
    '7.2',
    '7.3',
    '7.4',
    '9.1.1',
    '9.1.2',
    '11.1',
    '12.1',
    '12.1.1',
    '12.2',
    '12.2.1',
    '13.1.1',
    '13.1.3',
  ],
  ...[
    '20',
    '30',
    '66',
    '66.1',
    '66.2',
    '66.4',
    '77.1.1',
    '77.1.2',
    '77.1.4',
    '77.1.5.1',
    '77.1.5.4',
    '77.1.6',
    '88.11',
  ],
  ...['88.22', '88.33', '88.34', '88.50', '88.59', '88.67', '104.1', '104.2', '128', '128.1', '130', '481.1', '481.2'],
  ...['481.3', '481.4', '481.5', '481.8'],
].map((suffix) => `${storage}.${suffix}`);

/** While it sends a large instance to us by another association, it says nothing on this one. */
const moveIdleMs = 600_000;

/** Contexts that an association has beside the retrieval's own. */
const contextsFree = 127;

function storageProposals(classes: readonly string[]): Proposal[] {
  const each = Math.max(1, Math.floor(contextsFree / classes.length));
  return classes.flatMap((abstractSyntax) => {
    const single = syntaxes.slice(0, each - 1).map((syntax) => ({ abstractSyntax, transferSyntaxes: [syntax] }));
    const rest = syntaxes.slice(each - 1);
    return rest.length === 0 ? single : [...single, { abstractSyntax, transferSyntaxes: rest }];
  });
}

const wanted = ({ study, series }: Pull): QueryKeys => ({
  root: 'study',
  level: series === undefined ? 'STUDY' : 'SERIES',
  keys: {
    '0020000D': attribute('UI', study),
    ...(series !== undefined && { '0020000E': attribute('UI', series) }),
  },
});

/**
 * Pulls a study or a series; resolves with what the other side counted.
 * @throws PeerError remote/unknown, dimse/* when it cannot be reached, offers neither service, or refuses;
 * remote/incomplete, with why as its cause, when C-GET brought a part and C-MOVE couldn't be had for the rest
 */
export async function pull(parts: PullParts, what: Pull): Promise<Retrieved & { readonly by: PullOperation }> {
  const got = await byGet(parts, what);
  if (got === undefined) return { by: 'C-MOVE', ...(await byMove(parts, what, 'C-MOVE')) };
  if (got.failed === 0) return { by: 'C-GET', ...got };
  try {
    return { by: 'C-GET+C-MOVE', ...(await byMove(parts, what, 'C-GET+C-MOVE')) };
  } catch (error) {
    const refused = error instanceof PeerError && ['dimse/service-refused', 'dimse/status'].includes(error.code);
    throw refused ? new PeerError('remote/incomplete', { failed: got.failed }, { cause: error }) : error;
  }
}

const told = ({ signal, onProgress }: Pull, by: PullOperation) => ({
  signal,
  ...(onProgress !== undefined && { onProgress: (progress: SubOperationCounts) => onProgress(progress, by) }),
});

/** Undefined when the other side has no C-GET. */
async function byGet({ remotes, store }: PullParts, what: Pull): Promise<Retrieved | undefined> {
  const classes = await classesOf(remotes, what);
  const contexts = [queryProposal('study', 'get'), ...storageProposals(classes)];
  const roles = classes.map((sopClassUid) => ({ sopClassUid, scu: false, scp: true }));
  try {
    const get = (client: DimseClient) => client.get(wanted(what), told(what, 'C-GET'));
    return await remotes.with(what.aeTitle, { contexts, roles }, get, { store });
  } catch (error) {
    if (error instanceof PeerError && error.code === 'dimse/service-refused') return undefined;
    throw error;
  }
}

function byMove({ remotes }: PullParts, what: Pull, by: PullOperation): Promise<Retrieved> {
  const move = (client: DimseClient) => client.move(wanted(what), remotes.ourAe, told(what, by));
  return remotes.with(what.aeTitle, { contexts: [queryProposal('study', 'move')], idleMs: moveIdleMs }, move);
}

/** The study's SOP classes as its node tells them; the common ones when it doesn't. */
async function classesOf(remotes: Remotes, what: Pull): Promise<readonly string[]> {
  const { aeTitle, study, signal } = what;
  const contexts = [queryProposal('study', 'find')];
  try {
    const found = await remotes.with(aeTitle, { contexts }, async (client) => {
      const told = await classesInStudy(client, study, signal);
      return told.size > 0 ? told : classesOfImages(client, what);
    });
    const classes = [...found].filter(isStorage).slice(0, contextsFree);
    return classes.length > 0 ? classes : commonClasses;
  } catch (error) {
    // who answers no queries may hand over all the same
    if (error instanceof PeerError && ['dimse/service-refused', 'dimse/status'].includes(error.code))
      return commonClasses;
    throw error;
  }
}

/** SOP Classes in Study (0008,0062), which few know. */
async function classesInStudy(client: DimseClient, study: string, signal?: AbortSignal): Promise<Set<string>> {
  const keys = { '0020000D': attribute('UI', study), '00080062': attribute('UI') };
  const classes = new Set<string>();
  for await (const answer of client.find({ root: 'study', level: 'STUDY', keys }, signal)) {
    for (const uid of textsOf(answer, '00080062')) classes.add(uid);
  }
  return classes;
}

async function classesOfImages(client: DimseClient, { study, series, signal }: Pull): Promise<Set<string>> {
  const keys = { '0020000D': attribute('UI', study), '0020000E': attribute('UI', series) };
  const all: string[] = [];
  for await (const answer of client.find({ root: 'study', level: 'SERIES', keys }, signal)) {
    const uid = textOf(answer, '0020000E');
    if (uid !== undefined && all.length < seriesAsked) all.push(uid);
  }
  const classes = new Set<string>();
  for (const uid of all) {
    const image = {
      ...keys,
      '0020000E': attribute('UI', uid),
      '00080016': attribute('UI'),
      '00080018': attribute('UI'),
    };
    for await (const answer of client.find({ root: 'study', level: 'IMAGE', keys: image }, signal)) {
      const sopClass = textOf(answer, '00080016');
      if (sopClass !== undefined) classes.add(sopClass);
    }
  }
  return classes;
}

/** Series that are asked for their images' SOP classes. */
const seriesAsked = 1_000;
