// Orders in HL7 v2: ORM^O01 (IHE Radiology scheduled workflow, RAD-4) and OMI^O23 (RAD-4 in HL7 2.5.1), and their answers.
import type { ErrorCode } from '../../protocol/errors.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { CodedConcept } from '../dicom/sr/codes.ts';
import { parseHl7, type Segment } from './hl7.ts';
import type { Moment, NewOrder, OrderPatient } from './order.ts';
import { aeTitle, identifier, isDate, line, modality, momentOf, personNameOf, uid } from './text.ts';

const code: ErrorCode = 'order/hl7';

/** What was sent, to be answered: the message's own header, when it could be read. */
export interface Hl7Orders {
  readonly header: Segment;
  readonly orders: readonly NewOrder[];
}

/** The orders of one message. @throws PeerError order/hl7 naming the field */
export function hl7Orders(bytes: Uint8Array): Hl7Orders {
  const segments = parseHl7(bytes);
  const header = segments[0]!;
  const type = `${header.text(9, 1)}^${header.text(9, 2)}`;
  must(type === 'ORM^O01' || type === 'OMI^O23' || type === 'OMG^O19', code, {
    at: 'MSH-9',
    message: 'must be ORM^O01, OMG^O19 or OMI^O23',
  });
  must(header.text(11) === '' || /^[PTD]$/.test(header.text(11)), code, { at: 'MSH-11', message: 'must be P, T or D' });
  const pid = segments.find(({ name }) => name === 'PID');
  must(pid !== undefined, code, { at: 'PID', message: 'is missing' });
  const visit = segments.find(({ name }) => name === 'PV1');
  const study = segments.find(({ name }) => name === 'ZDS');
  const groups = orderGroups(segments);
  must(groups.length > 0 && groups.length <= limits.ordersAtOnce, code, {
    at: 'ORC',
    message: 'is missing or too often',
  });
  const patient = patientOf(pid);
  const sender = `${header.text(3)}|${header.text(4)}`;
  const orders = groups.map((group) =>
    orderOf(group, { patient, visit, study: groups.length === 1 ? study : undefined, sender }),
  );
  return { header, orders };
}

/** An ORC and all that follows it. */
type Group = readonly Segment[];

const inGroup = new Set(['ORC', 'OBR', 'TQ1', 'IPC', 'NTE', 'DG1', 'OBX', 'ZDS']);

function orderGroups(segments: readonly Segment[]): Group[] {
  const groups: Segment[][] = [];
  for (const segment of segments) {
    if (segment.name === 'ORC') groups.push([segment]);
    else if (inGroup.has(segment.name)) groups.at(-1)?.push(segment);
  }
  return groups;
}

function patientOf(pid: Segment): OrderPatient {
  const ids = pid.repetitions(3);
  const chosen = ids[0] ?? pid.repetitions(2)[0] ?? [];
  const id = identifier(chosen[0], 64, code, 'PID-3');
  must(id !== undefined, code, { at: 'PID-3', message: 'must have an identifier' });
  const [family, given, middle, suffix, prefix] = pid.repetitions(5)[0] ?? [];
  const name = personNameOf([family, given, middle, prefix, suffix]);
  must(name !== undefined, code, { at: 'PID-5', message: 'must have a name' });
  const birth = pid.text(7).slice(0, 8);
  must(birth === '' || isDate(birth.padEnd(8, '0').replace(/0000$/, '0101')) || !/^\d{8}/.test(birth), code, {
    at: 'PID-7',
    message: 'is not a date',
  });
  const sex = pid.text(8).toUpperCase();
  return {
    id,
    issuer: line(chosen[3]),
    name,
    birthDate: isDate(birth) ? birth : undefined,
    sex: sex === 'M' || sex === 'F' || sex === 'O' ? sex : undefined,
  };
}

interface Around {
  readonly patient: OrderPatient;
  readonly visit: Segment | undefined;
  readonly study: Segment | undefined;
  readonly sender: string;
}

// ORC-1 (HL7 table 0119): what to do. What only reports on an order (status, numbers) is nothing for a worklist.
const actions: Readonly<Record<string, NewOrder['action']>> = {
  ...{ NW: 'place', XO: 'place', SN: 'place', XX: 'place', SC: 'place', RP: 'place', PA: 'place', CH: 'place' },
  ...{ CA: 'cancel', OC: 'cancel', DC: 'cancel', OD: 'cancel' },
};

function orderOf(group: Group, { patient, visit, study, sender }: Around): NewOrder {
  const orc = group[0]!;
  const obr = group.find(({ name }) => name === 'OBR');
  const action = actions[orc.text(1).toUpperCase()];
  must(action !== undefined, code, { at: 'ORC-1', message: 'is not an order control code that is taken here' });
  must(action === 'cancel' || obr !== undefined, code, { at: 'OBR', message: 'is missing' });
  const [placer, filler] = [entity(orc, obr, 2), entity(orc, obr, 3)];
  const key = placer ?? filler;
  must(key !== undefined, code, { at: 'ORC-2', message: 'must have a placer or filler order number' });
  const images = group.filter(({ name }) => name === 'IPC');
  const [ipc] = images;
  return {
    ...{ key: `hl7|${sender}|${key}`, source: 'hl7', action, placer, filler, patient },
    accession: identifier(ipc?.text(1) || obr?.text(18), 16, code, 'OBR-18'),
    procedureId: identifier(ipc?.text(2) || obr?.text(19), 16, code, 'OBR-19'),
    studyUid: uid(ipc?.text(3) || study?.text(1) || '', code, 'ZDS-1'),
    description: line(obr?.text(4, 2) || obr?.text(4, 5)),
    code: codeOf(obr, 4),
    reason: line(obr?.text(31, 2) || obr?.text(31, 1)),
    priority: priorityOf(group, orc, obr),
    referring: person(visit, 8),
    requesting: person(orc, 12) ?? person(obr, 16),
    ward: line(visit?.text(3)),
    steps: images.length > 0 ? images.map((each) => imageStep(each, group, obr)) : [plainStep(orc, obr, group)],
  };
}

const entity = (orc: Segment, obr: Segment | undefined, field: number): string | undefined =>
  identifier(orc.text(field) || obr?.text(field), 64, code, `ORC-${field}`);

/** XCN: id^family^given^middle^suffix^prefix. */
function person(segment: Segment | undefined, field: number): string | undefined {
  const [, family, given, middle, suffix, prefix] = segment?.repetitions(field)[0] ?? [];
  return personNameOf([family, given, middle, prefix, suffix]);
}

function codeOf(segment: Segment | undefined, field: number): CodedConcept | undefined {
  const [value, meaning, scheme] = segment?.repetitions(field)[0] ?? [];
  const found = {
    value: line(value, 16),
    scheme: line(scheme, 16) ?? '99LOCAL',
    meaning: line(meaning) ?? line(value),
  };
  return found.value === undefined || found.meaning === undefined ? undefined : (found as CodedConcept);
}

function priorityOf(group: Group, orc: Segment, obr: Segment | undefined): NewOrder['priority'] {
  const timing = group.find(({ name }) => name === 'TQ1');
  const given = (timing?.text(9) || orc.text(7, 6) || obr?.text(27, 6) || obr?.text(5) || '').toUpperCase();
  if (given.startsWith('S')) return 'STAT';
  return given.startsWith('A') || given === 'U' ? 'HIGH' : 'ROUTINE';
}

const firstMoment = (...texts: (string | undefined)[]): Moment | undefined =>
  texts.map((text) => momentOf(text ?? '')).find((each) => each !== undefined);

const startOf = (group: Group, orc: Segment | undefined, obr: Segment | undefined): Moment | undefined =>
  firstMoment(
    group.find(({ name }) => name === 'TQ1')?.text(7),
    ...[orc?.text(7, 4), obr?.text(27, 4), obr?.text(36), obr?.text(7)],
  );

function plainStep(orc: Segment, obr: Segment | undefined, group: Group): NewOrder['steps'][number] {
  return {
    id: identifier(obr?.text(20), 16, code, 'OBR-20'),
    modality: modality(obr?.text(24)),
    station: aeTitle(obr?.text(21)),
    start: startOf(group, orc, obr),
    performer: person(obr, 34),
    description: line(obr?.text(4, 2)),
    protocol: codeOf(obr, 4),
  };
}

function imageStep(ipc: Segment, group: Group, obr: Segment | undefined): NewOrder['steps'][number] {
  return {
    id: identifier(ipc.text(4), 16, code, 'IPC-4'),
    modality: modality(ipc.text(5)),
    station: aeTitle(ipc.text(9)),
    stationName: line(ipc.text(7), 16),
    location: line(ipc.text(8), 16),
    start: startOf(group, group[0], obr),
    performer: person(obr, 34),
    description: line(ipc.text(6, 2) || obr?.text(4, 2)),
    protocol: codeOf(ipc, 6) ?? codeOf(obr, 4),
  };
}

/** What an answer needs of its surroundings: a moment YYYYMMDDHHMMSS and an id of its own. */
export interface AnswerContext {
  readonly at: string;
  readonly id: string;
}

/** ACK: AA when `error` is absent, else AE with the field that is wrong; nothing of the message's content is in it. */
export function hl7Answer(bytes: Uint8Array, context: AnswerContext, error?: PeerError): Uint8Array {
  const [application, facility, id, trigger] = headerOf(bytes);
  const header = [
    'MSH',
    '^~\\&',
    'DICOMNET',
    '',
    application,
    facility,
    context.at,
    '',
    `ACK${trigger && `^${trigger}`}`,
  ];
  const lines = [
    [...header, context.id, 'P', '2.5.1', '', '', '', '', '', 'UNICODE UTF-8'].join('|'),
    ['MSA', error === undefined ? 'AA' : 'AE', id].join('|'),
  ];
  if (error !== undefined) lines.push(errorSegment(error));
  return new TextEncoder().encode(lines.map((each) => `${each}\r`).join(''));
}

function errorSegment({ code: which, row, data }: PeerError): string {
  const [segment = '', field = ''] = typeof data.at === 'string' ? data.at.split('-') : [];
  const place = segment === '' ? '' : [segment, '1', field].join('^').replace(/\^$/, '');
  const detail = typeof data.message === 'string' ? `${data.at} ${data.message}` : '';
  return ['ERR', '', place, '207^Application internal error^HL70357', 'E', which, '', detail, row.text]
    .map(plainText)
    .join('|');
}

const plainText = (text: string): string => text.replace(/[\r\n|\\~&]/g, ' ');

/** Sending application and facility, control id and trigger event of what is answered, if it is a message at all. */
function headerOf(bytes: Uint8Array): [string, string, string, string] {
  try {
    const header = parseHl7(bytes)[0]!;
    const short = (text: string) => plainText(line(text, 199) ?? '');
    return [short(header.text(3)), short(header.text(4)), short(header.text(10)), short(header.text(9, 2))];
  } catch (error) {
    // it couldn't be read: the answer says so without naming it
    if (error instanceof PeerError) return ['', '', '', ''];
    throw error;
  }
}
