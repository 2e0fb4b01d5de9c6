// A made-up patient's study for documents to belong to.
import { attribute } from '../../../../node/dicom/model/attributes.ts';
import type { DocumentContext } from '../../../../node/dicom/write/new-document.ts';
import type { Random } from '../../../../protocol/ports.ts';

/** Counts: the same bytes in every run, and never the same twice. */
export function countingRandom(): Random {
  let count = 0;
  return (length) => Uint8Array.from({ length }, () => (count++ * 37) & 0xff);
}

export function documentContext(): DocumentContext {
  const patient = {
    '00100010': attribute('PN', { Alphabetic: 'Müller^Anna' }),
    '00100020': attribute('LO', 'P1'),
    '00100030': attribute('DA', '19700101'),
    '00100040': attribute('CS', 'F'),
  };
  const study = {
    '00080020': attribute('DA', '20260101'),
    '00080030': attribute('TM', '101500'),
    '00080050': attribute('SH', 'A1'),
    '00080090': attribute('PN'),
    '0020000D': attribute('UI', '1.2.3.4.5'),
    '00200010': attribute('SH', 'S1'),
  };
  const when = { date: '20260102', time: '120000', dateTime: '20260102120000+0100' };
  return { patient, study, when, random: countingRandom() };
}
