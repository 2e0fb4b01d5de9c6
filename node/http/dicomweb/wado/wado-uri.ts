// WADO-URI (PS3.18 9): one object or one picture of it by the parameters of a URL, for old viewers.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { uids } from '../../../dicom/model/transfer-syntax.ts';
import { isUid } from '../../../dicom/model/uid.ts';
import { decodable } from '../../../dicom/pixels/decode.ts';
import { mediaRanges } from '../accept.ts';
import { retrieveRendered } from './rendered.ts';
import { parameters, uriPicture } from './rendered-query.ts';
import type { WadoRequest, WadoResponse } from './response.ts';
import { onlyInstance, retrieveFiles, selectInstances, type WadoParts } from './retrieve.ts';

const dicom = 'application/dicom';

/** @throws PeerError http/invalid, http/not-found, http/not-acceptable, pixels/* */
export async function retrieveByUri(
  parts: WadoParts,
  asked: Pick<WadoRequest, 'by' | 'base' | 'ranges'>,
  url: string,
): Promise<WadoResponse> {
  const given = parameters(url);
  must(given.get('requestType') === 'WADO', 'http/invalid', { at: 'requestType', message: 'is not WADO' });
  const selection = {
    study: uid(given, 'studyUID'),
    series: uid(given, 'seriesUID'),
    instance: uid(given, 'objectUID'),
  };
  must((given.get('anonymize') ?? 'no') === 'no', 'http/not-acceptable', { message: 'It is not made anonymous here.' });
  const { instances } = await selectInstances(parts, { ...asked, selection });
  const { transferSyntax, rows = 1, columns = 1, frames } = await onlyInstance(instances());
  const named = given.get('contentType');
  const ranges = mediaRanges(named ?? (frames.kind === 'none' ? undefined : 'image/jpeg'));
  const all = { ...asked, selection, ranges };
  if (named !== undefined && ranges[0]?.type === dicom) {
    // who names no transfer syntax takes the plain one
    const syntax =
      given.get('transferSyntax') ?? (decodable(transferSyntax) ? uids.explicitLittleEndian : transferSyntax);
    must(syntax === '*' || isUid(syntax), 'http/invalid', { at: 'transferSyntax', message: 'is not a UID' });
    return retrieveFiles(parts, { ...all, ranges: [{ type: dicom, parameters: { 'transfer-syntax': syntax }, q: 1 }] });
  }
  const frame = given.get('frameNumber');
  must(frame === undefined || /^[1-9]\d{0,8}$/.test(frame), 'http/invalid', {
    at: 'frameNumber',
    message: 'is no number',
  });
  const query = uriPicture(given, { rows, columns });
  return retrieveRendered(parts, all, query, frame === undefined ? undefined : [Number(frame)]);
}

function uid(given: ReadonlyMap<string, string>, at: string): string {
  const value = given.get(at);
  if (value === undefined || !isUid(value)) throw new PeerError('http/invalid', { at, message: 'is not a UID' });
  return value;
}
