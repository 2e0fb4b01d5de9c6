// What the languages' texts must have; checked when compiled, nothing of it is left at run time.
import type { ErrorCode } from '../../../protocol/errors.ts';

/** The same keys in another language: one too few or too many does not compile. */
export type Texts<English> = { readonly [K in keyof English]: string };

/** Sentences for all codes of these families. */
export type ErrorTexts<Family extends string> = Readonly<Record<Extract<ErrorCode, `${Family}/${string}`>, string>>;

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
