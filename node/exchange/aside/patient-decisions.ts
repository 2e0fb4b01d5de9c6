// A person's decisions on who somebody is: when people who can't be one have the same number (SPEC 3.8), and a number given
// to a record by hand. Written down before it takes effect, durable before it is answered, undone as it was.
import { unhex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import type { Demographics } from '../../../protocol/person/demographics.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { Principal } from '../../access/roles.ts';
import type { PatientDecision } from '../../api/patients.ts';
import { type Acts, carriedOut } from '../../audit/acts.ts';
import type { Index, PatientChange } from '../../store/index.ts';
import type { Bucket, Write } from '../../store/kv.ts';
import { ownDemographics } from '../../store/persons.ts';
import { decodeRecord, encodeRecord, type Identifier, type PatientRecord } from '../../store/records.ts';
import { linkPatient, merged } from '../import/patients.ts';

interface PatientDecisionParts {
  readonly index: Index;
  /** Decisions that can be undone, by patient. */
  readonly bucket: Bucket;
  readonly acts: Pick<Acts, 'linked' | 'patientDecided'>;
  readonly clock: Clock;
  /** A patient's studies or numbers are others now. @param formerly numbers that he may have no more */
  readonly touch: (patient: string, formerly?: readonly Identifier[]) => void;
}

/** What a decision has changed. */
interface Decided {
  readonly decision: PatientDecision;
  readonly at: number;
  readonly before: readonly PatientRecord[];
  readonly after: readonly PatientRecord[];
  /** Studies that were given from one record to another. */
  readonly moved: readonly { readonly study: string; readonly from: string; readonly to: string }[];
}

export class PatientDecisions {
  readonly #parts: PatientDecisionParts;

  constructor(parts: PatientDecisionParts) {
    this.#parts = parts;
  }

  /** Adds an identifier to a record by hand; others can find its studies by it at once. @throws PeerError patient/unknown, tags/* */
  link(
    id: string,
    identifier: { readonly system: string; readonly value: string },
    by: Principal,
  ): Promise<PatientRecord> {
    return linkPatient(this.#parts, id, identifier, async (patient) => {
      await this.#parts.acts.linked(patient, identifier, by);
    });
  }

  /**
   * `merge`: he is the one who had the number before. `apart`: they are two, and both keep the number. `wrong-number`: it
   * is not his. Gives the record that is left.
   * @throws PeerError patient/unknown, patient/decision
   */
  decide(id: string, decision: PatientDecision, by: Principal): Promise<PatientRecord> {
    const { index } = this.#parts;
    must(index.patient(id) !== undefined, 'patient/unknown');
    this.#change(id, decision); // what can't be decided is not written down as decided
    return carriedOut<PatientRecord>(
      (end) => this.#parts.acts.patientDecided(id, decision, by, end),
      async () => {
        const past = await this.#past(id);
        const decided = await index.changePatients(() => {
          const { put = [], drop = [], move = [] } = this.#settled(this.#change(id, decision));
          const before = [...put.map((each) => each.id), ...drop].map((each) => index.patient(each)!);
          const moved = move.map(({ study, to }) => ({ study, to, from: index.studyById(study)!.patient }));
          const result: Decided = { decision, at: this.#parts.clock.now(), before, after: put, moved };
          return { put, drop, move, also: [kept(id, [...past, result])], result };
        });
        this.#tell(decided.before);
        return decided.after[0]!;
      },
    );
  }

  /** Puts back what the last decision about this record has changed. @throws PeerError patient/decision when more has changed since */
  undo(id: string, by: Principal): Promise<PatientRecord> {
    return carriedOut<PatientRecord>(
      (end) => this.#parts.acts.patientDecided(id, 'undo', by, end),
      async () => {
        const { index } = this.#parts;
        const past = await this.#past(id);
        const last = past.at(-1);
        must(last !== undefined, 'patient/decision');
        const result = await index.changePatients(() => {
          for (const { id: changed, identifiers } of last.after) {
            const now = index.patient(changed);
            must(now !== undefined && isSame(now.identifiers, identifiers), 'patient/decision');
          }
          const put = last.before.map((was) => ({
            ...(index.patient(was.id) ?? was),
            ...{ identifiers: was.identifiers, also: was.also },
          }));
          const move = last.moved
            .filter(({ study, to }) => index.studyById(study)?.patient === to)
            .map(({ study, from }) => ({ study, to: from }));
          return { put, move, also: [kept(id, past.slice(0, -1))], result: put.find((each) => each.id === id)! };
        });
        this.#tell([...last.before, ...last.after]);
        return result;
      },
    );
  }

  #tell(patients: readonly PatientRecord[]): void {
    for (const { id, identifiers } of patients) this.#parts.touch(id, identifiers);
  }

  async #past(id: string): Promise<readonly Decided[]> {
    const row = await this.#parts.bucket.get(unhex(id));
    return row === undefined ? [] : decodeRecord(row);
  }

  /** @throws PeerError patient/decision where there is nothing of the kind to decide */
  #change(id: string, decision: PatientDecision): PatientChange {
    const { index } = this.#parts;
    const patient = index.patient(id);
    must(patient !== undefined, 'patient/unknown');
    const { identifiers } = patient;
    if (decision === 'merge') {
      const other = otherOf(index, patient);
      must(other !== undefined, 'patient/decision');
      return merged(index, id, other.id, saidOf(index, patient));
    }
    if (decision === 'apart') {
      must(
        identifiers.some(({ doubt }) => doubt !== undefined && doubt.apart !== true),
        'patient/decision',
      );
      const apart = (each: Identifier): Identifier =>
        each.doubt === undefined ? each : { ...each, doubt: { ...each.doubt, apart: true } };
      return { put: [{ ...patient, identifiers: identifiers.map(apart) }] };
    }
    const own = identifiers.filter(({ system, value }) => index.patientsBy(system, value).length === 1);
    must(own.length < identifiers.length, 'patient/decision');
    return { put: [{ ...patient, identifiers: own }] };
  }

  /** Whoever is left alone with a number has it without a doubt. */
  #settled(change: PatientChange): PatientChange {
    const { index } = this.#parts;
    const { put = [], drop = [] } = change;
    const after = new Map(put.map((each) => [each.id, each]));
    for (const id of [...after.keys(), ...drop]) {
      for (const { system, value } of index.patient(id)!.identifiers) {
        const left = index
          .patientsBy(system, value)
          .map((each) => after.get(each.id) ?? each)
          .filter((each) => !drop.includes(each.id) && each.identifiers.some(is(system, value)));
        const [one] = left;
        if (one === undefined || left.length > 1) continue;
        const sure = ({ doubt: _, ...each }: Identifier): Identifier => each;
        const identifiers = one.identifiers.map((each) => (is(system, value)(each) && each.doubt ? sure(each) : each));
        if (!isSame(identifiers, one.identifiers)) after.set(one.id, { ...one, identifiers });
      }
    }
    return { ...change, put: [...after.values()] };
  }
}

/** Who has the number in doubt besides: the one who had it first. */
export function otherOf(index: Index, { id, identifiers }: PatientRecord): PatientRecord | undefined {
  const doubtful = identifiers.filter(({ doubt }) => doubt !== undefined);
  return doubtful.flatMap(({ system, value }) => index.patientsBy(system, value)).find((each) => each.id !== id);
}

/** All that a record and its studies say of a person. */
function saidOf(index: Index, patient: PatientRecord): Demographics[] {
  const { name, birthDate, sex } = patient;
  const all: Demographics[] = [{ name, birthDate, sex }, ...index.studiesOf(patient.id).map(ownDemographics)];
  return [...new Map(all.map((each) => [JSON.stringify([each.name, each.birthDate, each.sex]), each])).values()];
}

const is = (system: string, value: string) => (each: Identifier) => each.system === system && each.value === value;

/** As they are kept: what is undefined is not there. */
const isSame = (a: readonly Identifier[], b: readonly Identifier[]): boolean => JSON.stringify(a) === JSON.stringify(b);

const kept = (id: string, all: readonly Decided[]): Write => ({
  ...{ bucket: 'patientDecision', key: unhex(id) },
  ...(all.length > 0 && { value: encodeRecord(all) }),
});
