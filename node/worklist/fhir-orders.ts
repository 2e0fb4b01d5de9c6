// Orders in FHIR R4: a ServiceRequest with its patient contained, or a Bundle of ServiceRequests and what they refer to.
import type { ErrorCode } from '../../protocol/errors.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { CodedConcept } from '../dicom/sr/codes.ts';
import type { Moment, NewOrder, OrderPatient } from './order.ts';
import { aeTitle, identifier, isDate, line, modality, momentOf, personNameOf, uid } from './text.ts';

const code: ErrorCode = 'order/fhir';

/** Issuer of Patient ID for an identifier's system, where the hospital's configuration knows it. */
export type IssuerOf = (system: string) => string | undefined;

type Json = { readonly [key: string]: unknown };

/** From the configuration's issuers, which name the system of each. */
export const issuerIn =
  (issuers: Readonly<Record<string, string>>): IssuerOf =>
  (system) =>
    Object.entries(issuers).find(([, each]) => each === system)?.[0];

/** The systems by which a performer's AE title and a DICOM study are named. */
const aeTitleSystem = 'urn:dicomnet:ae-title';
const uidSystem = 'urn:dicom:uid';
const dicomCodes = 'http://dicom.nema.org/resources/ontology/DCM';

/** The orders of a resource. @throws PeerError order/fhir naming the element */
export function fhirOrders(resource: unknown, issuerOf: IssuerOf): NewOrder[] {
  const root = object(resource);
  const entries = root.resourceType === 'Bundle' ? list(root.entry).map(object) : [];
  must(entries.length <= limits.hl7Parts, code, { at: 'Bundle.entry', message: 'has too many entries' });
  const resources = root.resourceType === 'Bundle' ? entries.map((each) => object(each.resource)) : [root];
  const requests = resources.filter(({ resourceType }) => resourceType === 'ServiceRequest');
  must(requests.length > 0 && requests.length <= limits.ordersAtOnce, code, {
    at: 'resourceType',
    message: 'must be ServiceRequest, or a Bundle with some',
  });
  const known = new Map<string, Json>();
  for (const each of [root, ...entries]) {
    const one = root.resourceType === 'Bundle' ? object(each.resource) : each;
    if (typeof each.fullUrl === 'string') known.set(each.fullUrl, one);
    if (typeof one.id === 'string') known.set(`${one.resourceType}/${one.id}`, one);
  }
  return requests.map((request) => new Reader(request, known, issuerOf).order());
}

class Reader {
  readonly #request: Json;
  readonly #known: ReadonlyMap<string, Json>;
  readonly #issuerOf: IssuerOf;

  constructor(request: Json, known: ReadonlyMap<string, Json>, issuerOf: IssuerOf) {
    this.#request = request;
    this.#known = known;
    this.#issuerOf = issuerOf;
  }

  order(): NewOrder {
    const request = this.#request;
    const ids = list(request.identifier).map(object);
    const placer = identifier(typed(ids, 'PLAC') ?? untyped(ids), 64, code, 'ServiceRequest.identifier');
    // an id is one server's own; a number of the order stays wherever it is copied
    const key = systemed(ids) ?? (typeof request.id === 'string' ? `id|${request.id}` : undefined);
    must(key !== undefined, code, { at: 'ServiceRequest.identifier', message: 'must name the order' });
    return {
      ...{ key: `fhir|${line(key, 256)}`, source: 'fhir', action: this.#action(), placer, patient: this.#patient() },
      filler: identifier(typed(ids, 'FILL'), 64, code, 'ServiceRequest.identifier'),
      accession: identifier(typed(ids, 'ACSN'), 16, code, 'ServiceRequest.identifier'),
      procedureId: identifier(object(request.requisition).value, 16, code, 'ServiceRequest.requisition'),
      studyUid: uid(ids.find(({ system }) => system === uidSystem)?.value, code, 'ServiceRequest.identifier'),
      description: description(request.code),
      code: coded(request.code),
      reason: list(request.reasonCode)
        .map(description)
        .find((each) => each !== undefined),
      priority: priorities.get(request.priority) ?? 'ROUTINE',
      referring: this.#person(request.requester),
      requesting: this.#person(request.requester),
      ward: undefined,
      steps: [this.#step()],
    };
  }

  #action(): NewOrder['action'] {
    const { status } = this.#request;
    if (status === 'revoked' || status === 'entered-in-error') return 'cancel';
    must(status === 'active' || status === 'draft' || status === 'on-hold', code, {
      at: 'ServiceRequest.status',
      message: 'must be active, draft, on-hold, revoked or entered-in-error',
    });
    return 'place';
  }

  #step(): NewOrder['steps'][number] {
    const request = this.#request;
    const performers = list(request.performer).map(object);
    const station = performers.map((each) => this.#stationOf(each)).find((each) => each !== undefined);
    return {
      id: undefined,
      modality: this.#modality(),
      station,
      location: list(request.locationReference)
        .map((each) => line(object(each).display ?? this.#resolve(each)?.name, 16))
        .find((each) => each !== undefined),
      start: this.#start(),
      performer: performers
        .map((each) => (this.#stationOf(each) === undefined ? this.#person(each) : undefined))
        .find((each) => each !== undefined),
      description: description(request.code),
      protocol: coded(request.code),
    };
  }

  /** The device that performs it: its AE title as an identifier. */
  #stationOf(reference: Json): string | undefined {
    const all = [object(reference.identifier), ...list(this.#resolve(reference)?.identifier).map(object)];
    return aeTitle(all.find(({ system }) => system === aeTitleSystem)?.value);
  }

  #modality(): string | undefined {
    const { category, orderDetail, performerType, code: what } = this.#request;
    const concepts = [...list(category), ...list(orderDetail), performerType, what].map(object);
    const codings = concepts.flatMap(({ coding }) => list(coding).map(object));
    return modality(codings.find(({ system }) => system === dicomCodes)?.code);
  }

  #start(): Moment | undefined {
    const { occurrenceDateTime, occurrencePeriod, occurrenceTiming } = this.#request;
    const given = occurrenceDateTime ?? object(occurrencePeriod).start ?? list(object(occurrenceTiming).event)[0];
    if (typeof given !== 'string') return undefined;
    const found = momentOf(given.replace(/[-:T]/g, ''));
    must(found !== undefined || /^\d{4}(-\d{2})?$/.test(given), code, {
      at: 'ServiceRequest.occurrence',
      message: 'is not a date and time',
    });
    return found;
  }

  #patient(): OrderPatient {
    const { subject } = this.#request;
    const patient = this.#resolve(subject) ?? {};
    must(patient.resourceType === undefined || patient.resourceType === 'Patient', code, {
      at: 'ServiceRequest.subject',
      message: 'must be a Patient',
    });
    const ids = [...list(patient.identifier), object(subject).identifier].map(object).filter(({ value }) => value);
    const chosen = ids.find(({ use }) => use === 'official') ?? ids[0];
    const id = identifier(chosen?.value, 64, code, 'Patient.identifier');
    must(id !== undefined, code, { at: 'Patient.identifier', message: 'must have a value' });
    const name = nameOf(patient.name) ?? personNameOf([object(subject).display]);
    must(name !== undefined, code, { at: 'Patient.name', message: 'must be there' });
    const birth = String(patient.birthDate ?? '').replaceAll('-', '');
    must(birth === '' || isDate(birth) || /^\d{4}(\d{2})?$/.test(birth), code, {
      at: 'Patient.birthDate',
      message: 'is not a date',
    });
    const { system, assigner } = chosen ?? {};
    // '' is the issuer of identifiers that come without one
    const issuer = typeof system === 'string' ? this.#issuerOf(system) : undefined;
    return {
      id,
      issuer: (issuer ?? line(object(assigner).display)) || undefined,
      name,
      birthDate: isDate(birth) ? birth : undefined,
      sex: sexes.get(patient.gender),
    };
  }

  #person(reference: unknown): string | undefined {
    const found = this.#resolve(reference);
    const person = found?.resourceType === 'PractitionerRole' ? (this.#resolve(found.practitioner) ?? found) : found;
    return nameOf(person?.name) ?? personNameOf([object(reference).display]);
  }

  /** A contained resource, or one of the bundle; what lies elsewhere isn't fetched. */
  #resolve(reference: unknown): Json | undefined {
    const target = object(reference).reference;
    if (typeof target !== 'string') return undefined;
    if (!target.startsWith('#')) return this.#known.get(target);
    return list(this.#request.contained)
      .map(object)
      .find(({ id }) => id === target.slice(1));
  }
}

const priorities = new Map<unknown, NewOrder['priority']>([
  ['stat', 'STAT'],
  ['asap', 'HIGH'],
  ['urgent', 'HIGH'],
]);
const sexes = new Map<unknown, OrderPatient['sex']>([
  ['male', 'M'],
  ['female', 'F'],
  ['other', 'O'],
]);

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether an identifier has a type of HL7 table 0203. */
const isTyped = (id: Json, type: string): boolean =>
  list(object(id.type).coding).some((coding) => object(coding).code === type);

const typed = (ids: readonly Json[], type: string): unknown => ids.find((each) => isTyped(each, type))?.value;

const untyped = (ids: readonly Json[]): unknown =>
  ids.find(({ type, system }) => type === undefined && system !== uidSystem)?.value;

function systemed(ids: readonly Json[]): string | undefined {
  const own = ids.filter(({ value, system }) => typeof value === 'string' && value !== '' && system !== uidSystem);
  const first = own.find((each) => isTyped(each, 'PLAC')) ?? own[0];
  return first === undefined ? undefined : `${first.system ?? ''}|${first.value}`;
}

/** HumanName: the official one, else the first. */
function nameOf(names: unknown): string | undefined {
  const all = list(names).map(object);
  const name = all.find(({ use }) => use === 'official') ?? all[0];
  if (name === undefined) return undefined;
  const [given, ...middle] = list(name.given);
  const joined = (texts: readonly unknown[]) => texts.filter((each) => typeof each === 'string').join(' ');
  const parts = [name.family, given, joined(middle), joined(list(name.prefix)), joined(list(name.suffix))];
  return personNameOf(parts) ?? personNameOf([name.text]);
}

function description(concept: unknown): string | undefined {
  const { text, coding } = object(concept);
  return (
    line(text) ??
    list(coding)
      .map((each) => line(object(each).display))
      .find((each) => each !== undefined)
  );
}

/** Coding scheme designators of the systems that DICOM names (PS3.16 8). */
const schemes = new Map<unknown, string>([
  ['http://snomed.info/sct', 'SCT'],
  ['http://loinc.org', 'LN'],
  [dicomCodes, 'DCM'],
  ['http://www.radlex.org', 'RADLEX'],
]);

function coded(concept: unknown): CodedConcept | undefined {
  const coding = list(object(concept).coding)
    .map(object)
    .find((each) => line(each.code, 17) !== undefined);
  const value = line(coding?.code, 17);
  const meaning = line(coding?.display) ?? description(concept) ?? value;
  // a longer code has an attribute of its own, which no scanner reads
  if (coding === undefined || value === undefined || meaning === undefined || value.length > 16) return undefined;
  return { value, scheme: schemes.get(coding.system) ?? '99LOCAL', meaning };
}

/** A resource as JSON. @throws PeerError order/fhir */
export function parseFhir(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new PeerError('order/fhir', { message: 'is not JSON' }, { cause });
  }
}
