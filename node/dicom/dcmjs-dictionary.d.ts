// dcmjs publishes its data dictionary as a module of its own, without types.
declare module 'dcmjs/dictionary' {
  export interface DictionaryEntry {
    readonly tag: string;
    readonly vr?: string;
    readonly name: string;
  }
  export const dictionary: Readonly<Record<string, DictionaryEntry>>;
}
