// Which codes' sentences a file has; a code without its sentences does not compile.
import type { ErrorCode } from '../../../../protocol/errors.ts';
import type { Language } from '../language.ts';

/** The families of codes (before the slash) by file. */
interface Families {
  federation:
    | ('cbor' | 'field' | 'crit' | 'kind' | 'version' | 'envelope')
    | ('roster' | 'member' | 'card' | 'join' | 'authority' | 'box')
    | ('tags' | 'advert');
  exchange: 'seal' | 'manifest' | 'access' | 'transfer' | 'audit' | 'net';
  dicom: 'dicom' | 'query' | 'report' | 'pixels' | 'deid' | 'import' | 'aside';
  dimse: 'dimse' | 'remote' | 'route' | 'order' | 'mpps';
  peer: 'store' | 'vault' | 'patient' | 'study' | 'peer' | 'file' | 'cli' | 'config' | 'user' | 'http';
}

/** A sentence in the languages beside English, whose sentence is the catalogue's own. */
export type Sentence = Readonly<Record<Exclude<Language, 'en'>, string>>;

/** Sentences for all codes of a file's families. */
export type ErrorSentences<File extends keyof Families> = Readonly<
  Record<Extract<ErrorCode, `${Families[File]}/${string}`>, Sentence>
>;
