import { dicom } from './dicom.ts';
import { federation } from './federation.ts';
import { peer } from './peer.ts';
import { program } from './program.ts';
import { report } from './report.ts';
import { studies } from './studies.ts';
import { words } from './words.ts';

export const ro = { ...program, ...words, ...peer, ...studies, ...report, ...dicom, ...federation } as const;
