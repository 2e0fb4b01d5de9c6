// An instance in a transfer syntax that the other side takes: as it is stored where that is possible.
import { must } from '../../protocol/errors.ts';
import { uids } from '../dicom/model/transfer-syntax.ts';
import { toImplicit } from '../dicom/write/to-implicit.ts';

/** A stored data set. */
export interface StoredDataSet {
  readonly transferSyntax: string;
  readonly read: () => AsyncIterable<Uint8Array>;
  /** Its pixels coded otherwise; undefined when that cannot be. */
  readonly transcode?: (accepted: readonly string[]) => Promise<AcceptedDataSet | undefined>;
}

export interface AcceptedDataSet {
  readonly transferSyntax: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * What it can be given as, best first: as it is, and where its pixels are not compressed, in implicit VR, which everybody
 * has to take.
 */
export const offeredSyntaxes = (transferSyntax: string): readonly string[] =>
  transferSyntax === uids.explicitLittleEndian ? [transferSyntax, uids.implicitLittleEndian] : [transferSyntax];

/**
 * The instance in one of the transfer syntaxes that the other side has accepted for its SOP class.
 * @throws PeerError route/transfer-syntax when it can be given in none of them
 */
export async function asAccepted(held: StoredDataSet, accepted: readonly string[]): Promise<AcceptedDataSet> {
  const transferSyntax = offeredSyntaxes(held.transferSyntax).find((each) => accepted.includes(each));
  if (transferSyntax === undefined) {
    const given = await held.transcode?.(accepted);
    must(given !== undefined, 'route/transfer-syntax');
    return given;
  }
  return {
    transferSyntax,
    bytes: transferSyntax === held.transferSyntax ? held.read() : toImplicit(held.read()),
  };
}
