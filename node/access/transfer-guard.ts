// What a transfer asks of the guard, and what a grant lets go.

/** What a grant lets its holder have. */
export interface ServedGrant {
  /** The sealed manifest. */
  readonly manifest: Uint8Array;
  /** The object with this place in the manifest, counted through all series; undefined when there is none. */
  object(index: number): { readonly objectId: string; readonly sealedLength: number } | undefined;
}

/** The part of the guard that a transfer asks. A coded error that it throws ends the stream and is told to the peer. */
export interface TransferGuard {
  /** Once a stream, before anything leaves. */
  admitTransfer(grant: string, peer: string): Promise<ServedGrant>;
  /** Before every object, and before every segment of a long one. */
  check(grant: string, peer: string): Promise<void>;
}
