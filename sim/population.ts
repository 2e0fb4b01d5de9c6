// Who lives in the simulated country: patients, and which hospital has which of their studies.
import { createHash } from 'node:crypto';
import type { SimHospital } from './hospital.ts';
import type { Seeded } from './seeded.ts';
import type { SyntheticPatient } from './studies/modules.ts';
import { markedStudy, type SyntheticInstance } from './studies/studies.ts';

export interface SimStudy {
  readonly patient: SyntheticPatient;
  readonly hospital: SimHospital;
  /** The same instances every time. */
  instances(): Iterable<SyntheticInstance>;
}

export interface Population {
  readonly patients: readonly SyntheticPatient[];
  readonly studies: readonly SimStudy[];
}

/** Two patients a hospital, each with studies at one to three of them; one study in eight has several chunks an instance. */
export function populate(hospitals: readonly SimHospital[], seeded: Seeded): Population {
  const patients = hospitals.flatMap((_, i) => [2 * i, 2 * i + 1]).map((n) => patient(n, seeded));
  const studies: SimStudy[] = [];
  for (const [i, each] of patients.entries()) {
    const home = hospitals[i >> 1]!;
    const others = hospitals.filter((hospital) => hospital !== home);
    for (const hospital of [home, ...seeded.some(others, seeded.int(3))]) {
      const large = studies.length % 8 === 3;
      const instances = large ? 3 : seeded.between(2, 5);
      const options = {
        seed: studies.length + 1,
        patient: each,
        instances,
        bytesEach: large ? seeded.between(600_000, 900_000) : seeded.between(2_000, 40_000),
      };
      studies.push({ patient: each, hospital, instances: () => markedStudy(options) });
    }
  }
  return { patients, studies };
}

function patient(n: number, seeded: Seeded): SyntheticPatient {
  const digits = `2${String(7_000_000 + n).padStart(8, '0')}${String(seeded.int(1000)).padStart(3, '0')}`;
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * [7, 3, 1][i % 3]!, 0);
  return { id: `${digits}${sum % 10}`, name: `Zebulon${n}^Quirin`, birthDate: '19700101', sex: 'O' };
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
