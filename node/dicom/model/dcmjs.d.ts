// dcmjs comes without types: what we use of it. Its data dictionary is a module of its own.
declare module 'dcmjs/dictionary' {
  export interface DictionaryEntry {
    readonly tag: string;
    readonly vr?: string;
    readonly name: string;
  }
  export const dictionary: Readonly<Record<string, DictionaryEntry>>;
}

declare module 'dcmjs' {
  interface Log {
    setLevel(level: string): void;
    getLogger(name: string): Log;
  }
  const dcmjs: {
    readonly log: Log;
    readonly data: {
      readonly DicomMessage: { readFile(file: ArrayBuffer): { readonly dict: Record<string, unknown> } };
    };
  };
  export default dcmjs;
}
