// yauzl comes without types: what we use of it.
declare module 'yauzl' {
  import type { EventEmitter } from 'node:events';

  export interface Entry {
    readonly fileName: Buffer;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly compressionMethod: number;
    readonly generalPurposeBitFlag: number;
    readonly crc32: number;
    isEncrypted(): boolean;
  }

  export interface ZipFile {
    readonly entryCount: number;
    eachEntry(): AsyncIterable<Entry>;
    readLocalFileHeaderPromise(entry: Entry, options: { minimal: true }): Promise<{ fileDataStart: number }>;
  }

  export class RandomAccessReader extends EventEmitter {
    read(buffer: Buffer, offset: number, length: number, position: number, done: (error: unknown) => void): void;
  }

  const yauzl: {
    fromRandomAccessReaderPromise(
      reader: RandomAccessReader,
      size: number,
      options: { readonly decodeStrings: false; readonly autoClose: false },
    ): Promise<ZipFile>;
    readonly RandomAccessReader: typeof RandomAccessReader;
  };
  export default yauzl;
}
