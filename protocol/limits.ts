// Every limit of the protocol and the peer, each checked before anything is allocated. The unit is in the name.

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** Nesting of any CBOR message: the deepest of ours (a manifest's DICOM JSON) stays below 24. */
  cborDepth: 32,
  /** Items (values and keys) in one CBOR message: a manifest of 20,000 instances has some 600,000. */
  cborItems: 4_000_000,
  /** Names a payload may list in `crit`. */
  critNames: 16,
  /** Any free text in a message unless its field says less: names, reasons, descriptions. */
  textBytes: 1 * KiB,
  /** A signed message unless its kind says otherwise. */
  messageBytes: 64 * KiB,
} as const;

export { KiB, MiB };
