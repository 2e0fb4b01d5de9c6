// One text in all languages. One that is missing, or has other `{names}` than the English, does not compile.

/** The `{names}` in a text. */
export type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** The text itself where its `{names}` are those of the English; else what they should be. */
type SameNames<English extends string, Other extends string> = [Names<English>, Names<Other>] extends [
  Names<Other>,
  Names<English>,
]
  ? Other
  : { readonly names: Names<English> };

/** Only gives the texts their types. */
export const said = <const English extends string, const Romanian extends string, const Russian extends string>(
  texts: {
    readonly en: English;
    readonly ro: Romanian;
    readonly ru: Russian;
  } & { readonly ro: SameNames<English, Romanian>; readonly ru: SameNames<English, Russian> },
): { readonly en: English; readonly ro: string; readonly ru: string } => texts;
