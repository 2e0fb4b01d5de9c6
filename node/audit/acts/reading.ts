// Reading what is kept here, and asking other DICOM nodes: written down before anything is shown or asked.
import type { ErrorCode } from '../../../protocol/errors.ts';
import { act, ofStudy, type Person, type StudyName } from './act.ts';

/** A search is kept for the log, up to so many characters. */
const queryCharacters = 1_000;

interface Search {
  readonly level: string;
  /** As it was asked. */
  readonly query: string;
}

/** Something that is kept aside, and what it contradicts, if that is here. */
export interface AsideName {
  readonly id: string;
  /** Why it is aside. */
  readonly reason: string;
  readonly study: StudyName | undefined;
}

const device = (aeTitle: string): Person => ({ name: aeTitle, role: 'device' });
const shortened = ({ level, query }: Search) => ({ level, query: query.slice(0, queryCharacters) });

export const reading = {
  /** A list of what is here is opened. */
  listed: act('query', (list: 'patients' | 'orders' | 'quarantine', by: Person) => ({ person: by, detail: { list } })),
  /** A scanner asks for its worklist. */
  worklistRead: act('query', (callingAe: string) => ({ detail: { list: 'worklist', callingAe } })),
  /** QIDO-RS. @param study the one that it is about, if that is here */
  searched: act('query', (search: Search, by: Person, study: StudyName | undefined) => ({
    ...{ person: by, ...ofStudy(study), detail: shortened(search) },
  })),
  /** C-FIND. @param from the node's address */
  searchedByNode: act(
    'query',
    (search: Search & { readonly from: string }, aeTitle: string, study: StudyName | undefined) => ({
      ...{ person: device(aeTitle), ...ofStudy(study), detail: { from: search.from, ...shortened(search) } },
    }),
  ),
  orderOpened: act('query', (order: StudyName, by: Person) => ({ person: by, ...ofStudy(order) })),
  asideOpened: act('query', (id: string, by: Person) => ({ person: by, detail: { aside: id } })),
  /** What differs between an object that is aside and the one that is stored is shown. */
  asideCompared: act('view', ({ id, reason, study }: AsideName, by: Person) => ({
    ...{ person: by, ...ofStudy(study), detail: { aside: id, reason } },
  })),
  /** The bytes of an object that is aside leave. */
  asideExported: act('export', ({ id, reason, study }: AsideName, by: Person) => ({
    ...{ person: by, ...ofStudy(study), detail: { aside: id, reason } },
  })),
  viewed: act('view', (study: StudyName, by: Person) => ({ person: by, ...ofStudy(study) })),
  /** A study leaves to one of our own people, a node or a program. */
  exported: act('export', (study: StudyName, by: Person, detail?: object) => ({
    ...{ person: by, ...ofStudy(study), detail },
  })),
  /** An export that was let out, and written down, was refused before its first byte. */
  exportRefused: act('export', (study: StudyName, by: Person, detail: object, code: ErrorCode) => ({
    ...{ outcome: 'denied', person: by, ...ofStudy(study), detail, code },
  })),
  /** Another node is asked what it has. */
  remoteSearched: act('query', (ae: string, search: Search, by: Person) => ({
    ...{ person: by, detail: { ae, ...shortened(search) } },
  })),
  /** A study is fetched from another node. */
  pulled: act('query', (ae: string, study: string, by: Person) => ({ person: by, study, detail: { ae, pull: true } })),
  /** Another node is asked to confirm that it keeps a study. */
  commitmentAsked: act('query', (ae: string, study: StudyName, by: Person) => ({
    ...{ person: by, ...ofStudy(study), detail: { ae, commit: true } },
  })),
  /** Another node asks us to confirm that we keep instances. @param from its address */
  commitmentGiven: act('query', (aeTitle: string, asked: { readonly from: string; readonly instances: number }) => ({
    ...{ person: device(aeTitle), detail: { level: 'COMMITMENT', ...asked } },
  })),
};
