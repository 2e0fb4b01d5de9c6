// What errors say in the languages beside English, by code.
import type { ErrorCode } from '../../../../protocol/errors.ts';
import { dicom } from './dicom.ts';
import { dimse } from './dimse.ts';
import { exchange } from './exchange.ts';
import type { Sentence } from './families.ts';
import { federation } from './federation.ts';
import { peer } from './peer.ts';

export const sentences: Readonly<Record<ErrorCode, Sentence>> = {
  ...federation,
  ...exchange,
  ...dicom,
  ...dimse,
  ...peer,
};
