// What the languages' texts must have; checked when compiled, nothing of it is left at run time.
import type { ErrorCode } from '../../../protocol/errors.ts';

/** The same keys in another language: one too few or too many does not compile. */
export type Texts<English> = { readonly [K in keyof English]: string };

/** The families of codes (before the slash) by the file that has their sentences. */
interface Families {
  federation:
    | ('cbor' | 'field' | 'crit' | 'kind' | 'version' | 'envelope')
    | ('roster' | 'member' | 'card' | 'join' | 'authority' | 'box')
    | ('tags' | 'advert');
  exchange: 'seal' | 'manifest' | 'access' | 'transfer' | 'audit' | 'net';
  dicom:
    | ('dicom' | 'query' | 'report' | 'dimse' | 'remote' | 'route')
    | ('pixels' | 'deid' | 'order' | 'mpps' | 'import' | 'aside');
  peer: 'store' | 'vault' | 'patient' | 'study' | 'peer' | 'file' | 'cli' | 'config' | 'user' | 'http';
}

/** Sentences for all codes of a file's families. */
export type ErrorTexts<File extends keyof Families> = Readonly<
  Record<Extract<ErrorCode, `${Families[File]}/${string}`>, string>
>;

/** The `{names}` in a text. */
export type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** Texts whose `{names}` are those of the English; for one where they differ, says which are missing and too many. */
export type SameNames<English extends Texts<English>, Other extends Texts<English>> = {
  readonly [K in keyof English]: [Names<English[K]>, Names<Other[K]>] extends [Names<Other[K]>, Names<English[K]>]
    ? string
    : {
        readonly missing: Exclude<Names<English[K]>, Names<Other[K]>>;
        readonly tooMany: Exclude<Names<Other[K]>, Names<English[K]>>;
      };
};
