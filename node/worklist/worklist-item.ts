// A scheduled step of an order as a worklist item (PS3.4 table K.6-1): every attribute that a scanner may match or ask for.
import type { DicomJson, JsonAttribute } from '../dicom/model/json.ts';
import type { CodedConcept } from '../dicom/sr/codes.ts';
import { jsonOf } from '../query/attributes.ts';
import type { Order, OrderStatus, OrderStep } from './order.ts';

/** What a step takes over from whoever asks, where the order leaves it open: type 1 in the answer. */
export interface StepDefaults {
  readonly station: string;
  readonly modality: string;
  /** Now, as DICOM writes it. */
  readonly date: string;
  readonly time: string;
}

export const stepSequence = '00400100';

/** Scheduled Procedure Step Status (PS3.3 C.4.10). */
const states: Readonly<Record<OrderStatus, string>> = {
  requested: 'SCHEDULED',
  scheduled: 'SCHEDULED',
  'in-progress': 'STARTED',
  completed: 'COMPLETED',
  discontinued: 'DISCONTINUED',
};

/** All attributes; what is not known is there and empty. */
export function worklistItem(order: Order, step: OrderStep, asked: StepDefaults): DicomJson {
  const { patient } = order;
  return {
    ...patientAttributes(patient),
    '00080050': jsonOf('SH', [order.accession]),
    '00080090': jsonOf('PN', [order.referring]),
    '00081110': { vr: 'SQ' },
    '00081120': { vr: 'SQ' },
    '0020000D': jsonOf('UI', [order.studyUid]),
    '00321032': jsonOf('PN', [order.requesting]),
    '00321033': jsonOf('LO', [order.ward]),
    '00321060': jsonOf('LO', [order.description ?? order.code?.meaning ?? step.description ?? order.procedureId]),
    '00321064': codes(order.code),
    '00380010': { vr: 'LO' },
    '00380300': jsonOf('LO', [order.ward]),
    [stepSequence]: { vr: 'SQ', Value: [stepAttributes(step, order, asked)] },
    '00401001': jsonOf('SH', [order.procedureId]),
    '00401002': jsonOf('LO', [order.reason]),
    '00401003': jsonOf('SH', [order.priority]),
    '00401004': { vr: 'LO' },
    '00401400': { vr: 'LT' },
    '00402016': jsonOf('LO', [order.placer]),
    '00402017': jsonOf('LO', [order.filler]),
    '00403001': { vr: 'LO' },
  };
}

const patientAttributes = ({ id, issuer, name, birthDate, sex }: Order['patient']): DicomJson => ({
  '00100010': jsonOf('PN', [name]),
  '00100020': jsonOf('LO', [id]),
  '00100021': jsonOf('LO', [issuer]),
  '00100030': jsonOf('DA', [birthDate]),
  '00100040': jsonOf('CS', [sex]),
  '00101000': { vr: 'LO' },
  '00101020': { vr: 'DS' },
  '00101030': { vr: 'DS' },
  '00102000': { vr: 'LO' },
  '00102110': { vr: 'LO' },
  '00102160': { vr: 'SH' },
  '001021B0': { vr: 'LT' },
  '001021C0': { vr: 'US' },
  '00104000': { vr: 'LT' },
  '00380050': { vr: 'LO' },
  '00380500': { vr: 'LO' },
});

const stepAttributes = (step: OrderStep, order: Order, asked: StepDefaults): DicomJson => ({
  '00080060': jsonOf('CS', [step.modality ?? asked.modality]),
  '00321070': { vr: 'LO' },
  '00400001': jsonOf('AE', [step.station ?? asked.station]),
  '00400002': jsonOf('DA', [step.start?.date ?? asked.date]),
  '00400003': jsonOf('TM', [step.start?.time ?? asked.time]),
  '00400006': jsonOf('PN', [step.performer]),
  '00400007': jsonOf('LO', [step.description ?? order.description ?? step.protocol?.meaning]),
  '00400008': codes(step.protocol),
  '00400009': jsonOf('SH', [step.id]),
  '00400010': jsonOf('SH', [step.stationName]),
  '00400011': jsonOf('SH', [step.location]),
  '00400012': { vr: 'LO' },
  '00400020': jsonOf('CS', [states[step.status]]),
  '00400400': { vr: 'LT' },
});

function codes(code: CodedConcept | undefined): JsonAttribute {
  if (code === undefined) return { vr: 'SQ' };
  const item = {
    '00080100': jsonOf('SH', [code.value]),
    '00080102': jsonOf('SH', [code.scheme]),
    '00080103': { vr: 'SH' },
    '00080104': jsonOf('LO', [code.meaning]),
  };
  return { vr: 'SQ', Value: [item] };
}

/** What of an item an identifier asks for: the keys that it has, sequences item by item; a key that we don't have is left out. */
export function returnKeys(item: DicomJson, keys: DicomJson): DicomJson {
  const answer: DicomJson = {};
  for (const [tag, key] of Object.entries(keys)) {
    const known = item[tag];
    if (known === undefined) continue;
    const wanted = key.vr === 'SQ' ? (key.Value?.[0] as DicomJson | null | undefined) : undefined;
    const whole = wanted === undefined || wanted === null || Object.keys(wanted).length === 0;
    const items = whole ? known.Value : known.Value?.map((each) => returnKeys(each as DicomJson, wanted));
    answer[tag] = items === undefined ? { vr: known.vr } : { vr: known.vr, Value: items };
  }
  return answer;
}

/** The keys of an identifier that an item has; `left` when there were others. */
export function supported(keys: DicomJson, item: DicomJson): { keys: DicomJson; left: boolean } {
  let left = false;
  const kept: DicomJson = {};
  for (const [tag, key] of Object.entries(keys)) {
    const known = item[tag];
    if (known === undefined) {
      left ||= tag !== '00080005';
      continue;
    }
    const [inner, model] = [key.Value?.[0], known.Value?.[0] ?? (known.vr === 'SQ' ? codeModel : undefined)];
    if (known.vr !== 'SQ' || inner === undefined || inner === null) kept[tag] = key;
    else {
      const below = supported(inner as DicomJson, model as DicomJson);
      left ||= below.left;
      kept[tag] = { vr: 'SQ', Value: [below.keys, ...(key.Value ?? []).slice(1)] };
    }
  }
  return { keys: kept, left };
}

const codeModel: DicomJson = {
  '00080100': { vr: 'SH' },
  '00080102': { vr: 'SH' },
  '00080103': { vr: 'SH' },
  '00080104': { vr: 'LO' },
  '00081150': { vr: 'UI' },
  '00081155': { vr: 'UI' },
};
