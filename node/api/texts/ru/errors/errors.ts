import type { ErrorCode } from '../../../../../protocol/errors.ts';
import { dicom } from './dicom.ts';
import { exchange } from './exchange.ts';
import { federation } from './federation.ts';
import { peer } from './peer.ts';

export const errors: Readonly<Record<ErrorCode, string>> = { ...federation, ...exchange, ...dicom, ...peer };
