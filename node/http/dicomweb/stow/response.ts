// The answer to STOW-RS (PS3.18 10.5.3): which instances were stored, which not and why.
import { catalogue, type ErrorCode } from '../../../../protocol/errors.ts';
import type { DicomJson, JsonAttribute } from '../../../dicom/model/json.ts';
import type { Named } from '../../../exchange/import/from-file.ts';

/** What became of one instance, or of what was sent as one. */
export interface StoreOutcome {
  readonly named: Named | undefined;
  /** Why it was not stored; absent when it was. */
  readonly reason?: ErrorCode | undefined;
  /** It was stored, but its file header named another instance. */
  readonly mislabelled?: boolean | undefined;
}

/** Data Set does not match SOP Class (Warning): what the file header said did not fit the data set (PS3.18 table I.2-1). */
const mismatchWarning = 0xb007;

/** @returns 200 all stored, 202 not all or with warnings, 409 none (PS3.18 table 10.5.3-1) */
export function storeStatus(stored: readonly StoreOutcome[]): 200 | 202 | 409 {
  const kept = stored.filter(({ reason }) => reason === undefined);
  if (kept.length === 0) return 409;
  return kept.length === stored.length && !kept.some(({ mislabelled }) => mislabelled) ? 200 : 202;
}

/** The Store Instances Response Module (PS3.3 is silent; PS3.18 table 10.5.3-2). `base`: URL of the DICOMweb service. */
export function storeResponse(stored: readonly StoreOutcome[], base: string, study: string | undefined): DicomJson {
  const kept = stored.filter(({ reason }) => reason === undefined);
  const failed = stored.filter(({ reason }) => reason !== undefined);
  const studies = new Set(kept.map(({ named }) => named?.studyUid));
  const only = study ?? (studies.size === 1 ? [...studies][0] : undefined);
  const named = failed.filter((each) => each.named !== undefined);
  const nameless = failed.filter((each) => each.named === undefined);
  const response: DicomJson = {};
  if (only !== undefined && kept.length > 0) response['00081190'] = text('UR', `${base}/studies/${only}`);
  if (named.length > 0) response['00081198'] = items(named.map(failedItem));
  if (kept.length > 0) response['00081199'] = items(kept.map((each) => keptItem(each, base)));
  if (nameless.length > 0) response['0008119A'] = items(nameless.map(({ reason }) => failure(reason!)));
  return response;
}

const text = (vr: string, value: string): JsonAttribute => ({ vr, Value: [value] });
const number = (value: number): JsonAttribute => ({ vr: 'US', Value: [value] });
const items = (all: DicomJson[]): JsonAttribute => ({ vr: 'SQ', Value: all });

const reference = ({ named }: StoreOutcome): DicomJson => ({
  '00081150': text('UI', named!.sopClassUid),
  '00081155': text('UI', named!.sopInstanceUid),
});

function keptItem(stored: StoreOutcome, base: string): DicomJson {
  const { studyUid, seriesUid, sopInstanceUid } = stored.named!;
  const url = `${base}/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;
  return {
    ...reference(stored),
    '00081190': text('UR', url),
    ...(stored.mislabelled && { '00081196': number(mismatchWarning) }),
  };
}

const failedItem = (stored: StoreOutcome): DicomJson => ({ ...reference(stored), ...failure(stored.reason!) });

/** The same numbers as over DIMSE (PS3.18 table I.2-2 takes them from PS3.4 annex B). */
const failure = (reason: ErrorCode): DicomJson => ({ '00081197': number(catalogue[reason].dimse) });
