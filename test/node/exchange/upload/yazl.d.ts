// yazl comes without types: what we use of it.
declare module 'yazl' {
  export class ZipFile {
    readonly outputStream: NodeJS.ReadableStream;
    addBuffer(buffer: Buffer, name: string, options?: { compress?: boolean }): void;
    addFile(path: string, name: string): void;
    end(): void;
  }
}
