// What stands behind C-STORE: the association layer pushes a data set's bytes, somebody makes them durable.

/** Where an instance comes from and what it is said to be. */
export interface StoreInfo {
  readonly callingAe: string;
  readonly calledAe: string;
  readonly remoteAddress: string;
  /** As the command says; the data set is not looked at here. Both are checked to be UIDs. */
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Of the data set's bytes. */
  readonly transferSyntax: string;
}

/**
 * Takes one instance. Calls never overlap. After `write`s that all succeeded comes one `finish`; if a `write` throws, or
 * the association ends in the middle, comes one `abort` instead. After `finish` was called nothing more comes: if it
 * throws, the sink has cleaned up by itself.
 */
export interface StoreSink {
  /**
   * The data set's next bytes, exactly as received. The view is overwritten by what comes next: copy what is kept. While
   * a returned promise is pending it stays, and nothing more is read from the connection.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /** The data set is complete. Resolves with the DIMSE status: 0000H only when it is durable. */
  finish(): Promise<number>;
  /** The data set will not be completed. */
  abort(reason: Error): Promise<void>;
}

export type OpenStore = (info: StoreInfo) => StoreSink | Promise<StoreSink>;
