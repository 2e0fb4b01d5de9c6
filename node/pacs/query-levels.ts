// Query/retrieve identifiers (PS3.4 C.6): the level, and what a root has.
import { must } from '../../protocol/errors.ts';
import { type QueryRoot, queryModel, queryRoots } from '../dicom/dimse/query-models.ts';
import type { Level } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';

const levelNames: Readonly<Record<string, Level>> = {
  PATIENT: 'patient',
  STUDY: 'study',
  SERIES: 'series',
  IMAGE: 'instance',
};

const levelsOf: Readonly<Record<QueryRoot, readonly string[]>> = {
  patient: ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  study: ['STUDY', 'SERIES', 'IMAGE'],
  'patient-study': ['PATIENT', 'STUDY'],
};

export interface QueryRetrieveLevel {
  readonly root: 'patient' | 'study';
  readonly level: Level;
  /** As it is written in identifiers. */
  readonly name: string;
}

/** The SOP classes of one operation, patient root first. */
export const modelsOf = (operation: 'find' | 'move' | 'get'): string[] =>
  queryRoots.map((root) => queryModel(root, operation));

const rootOf = (sopClassUid: string): QueryRoot =>
  queryRoots.find((root) => sopClassUid.startsWith(`${queryModel(root, 'find').slice(0, -1)}`)) ?? 'study';

/** What an identifier is about. @throws PeerError dimse/identifier without a level, or with one that the root lacks */
export function queryRetrieveLevel(sopClassUid: string, identifier: DicomJson): QueryRetrieveLevel {
  const root = rootOf(sopClassUid);
  const name = identifier['00080052']?.Value?.[0];
  must(typeof name === 'string' && levelsOf[root].includes(name), 'dimse/identifier', { at: '00080052' });
  return { root: root === 'study' ? 'study' : 'patient', level: levelNames[name]!, name };
}
