// The query/retrieve information models (PS3.4 C.6 and annex B of PS3.6) and the levels of a query.
import { must } from '../../../protocol/errors.ts';
import type { DicomJson } from '../model/json.ts';
import { explicitVrLittleEndian, implicitVrLittleEndian } from './uids.ts';

export const queryRoots = ['patient', 'study', 'patient-study'] as const;
/** Patient root, study root, and the retired one of patients and studies alone. */
export type QueryRoot = (typeof queryRoots)[number];

export type QueryLevel = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

export type QueryOperation = 'find' | 'move' | 'get';

const roots: Record<QueryRoot, string> = { patient: '1', study: '2', 'patient-study': '3' };
const operations: Record<QueryOperation, string> = { find: '1', move: '2', get: '3' };

/** The SOP class of an operation on an information model. */
export const queryModel = (root: QueryRoot, operation: QueryOperation): string =>
  `1.2.840.10008.5.1.4.1.2.${roots[root]}.${operations[operation]}`;

/** What identifiers are written in: everybody has to take implicit VR (PS3.5 10.1). */
export const identifierSyntaxes = [explicitVrLittleEndian, implicitVrLittleEndian] as const;

/** The context to propose for an operation. */
export const queryProposal = (root: QueryRoot, operation: QueryOperation) => ({
  abstractSyntax: queryModel(root, operation),
  transferSyntaxes: identifierSyntaxes,
});

/** What is looked for. `keys` are matched, or asked for when they are empty; the level is added. */
export interface QueryKeys {
  readonly root: QueryRoot;
  readonly level: QueryLevel;
  readonly keys: DicomJson;
}

/** The identifier of a query (PS3.4 C.4.1.1.3). @throws PeerError field/invalid for a level that the root hasn't */
export function identifierOf({ root, level, keys }: QueryKeys): DicomJson {
  const has = root === 'patient' || (root === 'study' ? level !== 'PATIENT' : level === 'PATIENT' || level === 'STUDY');
  must(has, 'field/invalid', { at: 'level' });
  // many answer in the character set of the question, and drop what theirs hasn't
  const characterSet = { '00080005': { vr: 'CS', Value: ['ISO_IR 192'] } };
  return { ...characterSet, ...keys, '00080052': { vr: 'CS', Value: [level] } };
}
