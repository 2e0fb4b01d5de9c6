import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson, JsonValue } from '../../../node/dicom/model/json.ts';
import { attributeNamed } from '../../../node/dicom/model/keywords.ts';
import { jsonOf } from '../../../node/query/attributes.ts';
import type { QueryIndex } from '../../../node/query/rows.ts';
import { type Search, search } from '../../../node/query/search.ts';
import type { PatientRecord, SeriesRecord, StudyRecord } from '../../../node/store/records.ts';
import { limits } from '../../../protocol/limits.ts';
import { instanceRecord, type MadeUp, madeUpIndex } from './made-up-index.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
const sr = '1.2.840.10008.5.1.4.1.1.88.11';

/** Attributes by keyword; one value, several, or none to be answered. */
function keys(by: Record<string, string | number | readonly string[] | DicomJson>): DicomJson {
  return Object.fromEntries(
    Object.entries(by).map(([name, value]) => {
      const { tag, vr } = attributeNamed(name)!;
      if (typeof value === 'object' && !Array.isArray(value)) return [tag, { vr, Value: [value as DicomJson] }];
      return [tag, jsonOf(vr, [value].flat() as string[])];
    }),
  );
}

const patient = (n: number, name: string): PatientRecord => ({
  id: `p${n}`,
  identifiers: [
    { system: 'urn:a', value: `ID${n}`, status: 'checked' },
    { system: 'urn:b', value: `OLD${n}`, status: 'unchecked' },
  ],
  name,
  birthDate: `19${n}00101`,
  sex: 'F',
});

const series = (uid: string, modality: string, instances: number, sopClass = ct): SeriesRecord => ({
  ...{ uid, modality, instances, bytes: 1, number: 1, order: 0, sopClasses: [sopClass] },
});

const study = (n: number, of: number, date: string, ...all: SeriesRecord[]): StudyRecord => ({
  ...{ id: `s${n}`, ref: `r${n}`, uid: `1.2.${n}`, patient: `p${of}`, date, time: '0900', accession: `A${n}` },
  ...{ origin: 'origin', received: 0, changed: 0, series: all },
});

const instance = (uid: string, of: string, more: DicomJson = {}, sopClassUid = ct) => {
  const number = Number(uid.split('.').at(-1));
  const seriesUid = uid.split('.').slice(0, -1).join('.');
  return {
    record: instanceRecord({ sopInstanceUid: uid, study: of, seriesUid, number, sopClassUid }),
    header: { ...keys({ SOPInstanceUID: uid, PatientName: 'As^It^Came', InstitutionName: 'Spitalul 1' }), ...more },
  };
};

const order = (id: string): DicomJson => keys({ ScheduledProcedureStepID: id, RequestedProcedureID: `R${id}` });
const requested = (...ids: string[]): DicomJson => ({ '00400275': { vr: 'SQ', Value: ids.map(order) } });

const world: MadeUp = {
  patients: [patient(1, 'Ștefănescu^Ion'), patient(2, 'Ковальчук^Сергей')],
  studies: [
    study(1, 1, '20260101', series('1.2.1.1', 'CT', 2), series('1.2.1.2', 'SR', 1, sr)),
    study(2, 1, '20260103', series('1.2.2.1', 'MR', 1)),
    study(3, 2, '20260102', series('1.2.3.1', 'CT', 1)),
  ],
  instances: [
    instance('1.2.1.1.1', 's1', { ...requested('S1', 'S2'), '7FE00010': { vr: 'OW', BulkDataURI: '1/2' } }),
    instance('1.2.1.1.2', 's1', { ...requested('S1', 'S2'), ...keys({ PhotometricInterpretation: 'RGB' }) }),
    instance('1.2.1.2.1', 's1', {}, sr),
    instance('1.2.2.1.1', 's2', keys({ InstitutionName: 'Spitalul 2' })),
    instance('1.2.3.1.1', 's3'),
  ],
};

const index = madeUpIndex(world);
async function all(wanted: Search, from: QueryIndex = index): Promise<DicomJson[]> {
  const found: DicomJson[] = [];
  for await (const each of search({ index: from }, wanted)) found.push(each);
  return found;
}
const values = (json: DicomJson, name: string): JsonValue[] | undefined => json[attributeNamed(name)!.tag]?.Value;
async function uids(level: Search['level'], by: Parameters<typeof keys>[0], more: Partial<Search> = {}) {
  const unique = {
    patient: 'PatientID',
    study: 'StudyInstanceUID',
    series: 'SeriesInstanceUID',
    instance: 'SOPInstanceUID',
  };
  return (await all({ level, keys: keys(by), ...more })).map((each) => values(each, unique[level])![0]);
}

describe('studies', () => {
  it('come latest first, with their unique keys and what was asked for', async () => {
    const asked = keys({ StudyDate: '', ModalitiesInStudy: '', PatientName: '', SpecificCharacterSet: 'ISO_IR 144' });
    const found = await all({ level: 'study', keys: asked });
    expect(found.map((each) => values(each, 'StudyDate'))).toEqual([['20260103'], ['20260102'], ['20260101']]);
    expect(found[2]).toEqual({
      '00080020': { vr: 'DA', Value: ['20260101'] },
      '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] },
      '00100020': { vr: 'LO', Value: ['ID1'] },
      '0020000D': { vr: 'UI', Value: ['1.2.1'] },
    });
  });

  it('tell what is computed, and in ascending order', async () => {
    const asked = {
      ...{ NumberOfStudyRelatedInstances: '', NumberOfStudyRelatedSeries: '', SOPClassesInStudy: '' },
      ...{ NumberOfPatientRelatedStudies: '', NumberOfPatientRelatedSeries: '', NumberOfPatientRelatedInstances: '' },
      ...{ InstanceAvailability: '', AccessionNumber: '', StudyInstanceUID: '1.2.1' },
    };
    const [found] = await all({ level: 'study', keys: keys(asked) });
    expect(found).toMatchObject(
      keys({ NumberOfStudyRelatedInstances: 3, NumberOfStudyRelatedSeries: 2, SOPClassesInStudy: [ct, sr] }),
    );
    expect(found).toMatchObject(
      keys({ NumberOfPatientRelatedStudies: 2, NumberOfPatientRelatedSeries: 3, NumberOfPatientRelatedInstances: 4 }),
    );
    expect(found).toMatchObject(keys({ InstanceAvailability: 'ONLINE', AccessionNumber: 'A1' }));
    expect(Object.keys(found!)).toEqual(Object.keys(found!).toSorted());
  });

  it.each<[Parameters<typeof keys>[0], string[]]>([
    [{ PatientID: 'OLD1' }, ['1.2.2', '1.2.1']],
    [{ PatientName: 'covalciuc*' }, ['1.2.3']],
    [{ ModalitiesInStudy: ['SR', 'MR'] }, ['1.2.2', '1.2.1']],
    [{ SOPClassesInStudy: sr }, ['1.2.1']],
    [{ StudyInstanceUID: ['1.2.1', '1.2.3', '9'] }, ['1.2.3', '1.2.1']],
    [{ StudyInstanceUID: ['1.2.1', '1.2.3'], ModalitiesInStudy: 'SR' }, ['1.2.1']],
    [{ NumberOfStudyRelatedInstances: '3' }, ['1.2.1']],
    // of levels below: the studies that have such a series, such an instance
    [{ Modality: 'SR' }, ['1.2.1']],
    [{ SeriesInstanceUID: '1.2.3.1' }, ['1.2.3']],
    [{ SOPInstanceUID: ['1.2.1.1.2', '1.2.1.2.1', '1.2.3.1.1', '7'] }, ['1.2.3', '1.2.1']],
    // beyond the index: by what one instance says
    [{ InstitutionName: '*2' }, ['1.2.2']],
    [{ PatientName: 'As^It^Came' }, []],
  ])('are found by %j', async (by, expected) => {
    expect(await uids('study', by)).toEqual(expected);
  });

  it('show what only headers have, empty where they have not, and nothing of levels below', async () => {
    const asked = { InstitutionName: '', AdmittingDiagnosesDescription: '', Modality: '', Rows: '' };
    const [found] = await all({ level: 'study', keys: keys({ StudyInstanceUID: '1.2.2', ...asked }) });
    expect(found).toMatchObject({ '00080080': { Value: ['Spitalul 2'] }, '00081080': { vr: 'LO' } });
    expect(found).not.toHaveProperty('00080060');
    expect(found).not.toHaveProperty('00280010');
  });
});

describe('other levels', () => {
  it('patients, by what is theirs and what they have', async () => {
    expect(await uids('patient', { PatientName: '*' })).toEqual(['ID1', 'ID2']);
    expect(await uids('patient', { PatientSex: 'F', PatientBirthDate: '19200101-' })).toEqual(['ID2']);
    expect(await uids('patient', { StudyDate: '20260102' })).toEqual(['ID2']);
    expect(await uids('patient', { StudyInstanceUID: '1.2.2' })).toEqual(['ID1']);
    expect(await uids('patient', { Modality: 'SR' })).toEqual(['ID1']);
  });

  it('series', async () => {
    expect(await uids('series', { Modality: 'CT' })).toEqual(['1.2.3.1', '1.2.1.1']);
    expect(await uids('series', { StudyInstanceUID: '1.2.1', NumberOfSeriesRelatedInstances: '' })).toHaveLength(2);
    expect(await uids('series', { SOPInstanceUID: '1.2.1.2.1' })).toEqual(['1.2.1.1', '1.2.1.2']);
    expect(await uids('series', { RequestAttributesSequence: keys({ ScheduledProcedureStepID: 'S2' }) })).toEqual([
      '1.2.1.1',
    ]);
  });

  it('instances, without a header where the index knows enough', async () => {
    const wanted = { SeriesInstanceUID: '1.2.1.1', InstanceNumber: '', SOPClassUID: '' };
    const found = await all(
      { level: 'instance', keys: keys(wanted) },
      { ...index, header: () => Promise.reject(new Error('read')) },
    );
    expect(found.map((each) => values(each, 'InstanceNumber'))).toEqual([[1], [2]]);
    expect(await uids('instance', { PhotometricInterpretation: 'RGB' })).toEqual(['1.2.1.1.2']);
    expect(await uids('instance', { SOPClassUID: sr })).toEqual(['1.2.1.2.1']);
    expect(await uids('instance', { SOPInstanceUID: ['1.2.3.1.1', '1.2.1.2.1'], Modality: 'CT' })).toEqual([
      '1.2.3.1.1',
    ]);
  });

  it('leave bulk data out', async () => {
    const [found] = await all({ level: 'instance', keys: keys({ SOPInstanceUID: '1.2.1.1.1', PixelData: '' }) });
    expect(found!['7FE00010']).toEqual({ vr: 'OW' });
  });

  it('show of sequences what was named, or all', async () => {
    const part = keys({
      SOPInstanceUID: '1.2.1.1.1',
      RequestAttributesSequence: keys({ ScheduledProcedureStepID: 'S1' }),
    });
    const steps = ['S1', 'S2'].map((id) => keys({ ScheduledProcedureStepID: id }));
    expect((await all({ level: 'instance', keys: part }))[0]!['00400275']).toEqual({ vr: 'SQ', Value: steps });
    const whole = { ...keys({ SOPInstanceUID: '1.2.1.1.1' }), '00400275': { vr: 'SQ' } };
    expect((await all({ level: 'instance', keys: whole }))[0]!['00400275']).toEqual(requested('S1', 'S2')['00400275']);
  });
});

describe('bounds', () => {
  it('give pages', async () => {
    const pages = [0, 2, 4, 6].map((offset) => uids('instance', {}, { offset, limit: 2 }));
    expect((await Promise.all(pages)).map((page) => page.length)).toEqual([2, 2, 1, 0]);
    expect(new Set((await Promise.all(pages)).flat()).size).toBe(5);
    expect(await uids('study', {}, { limit: 0 })).toEqual([]);
  });

  it('skip whole studies without reading them', async () => {
    const from = madeUpIndex(world);
    const wanted: Search = { level: 'instance', keys: {}, offset: 2, limit: 1 };
    await all(wanted, from);
    expect(from.read).toBe(1);
  });

  it('end a search that would read too much', async () => {
    const many = Array.from({ length: limits.queryExamined + 1 }, (_, i) => instance(`1.2.1.1.${i}`, 's1'));
    const record = (of: string) => many.filter(({ record }) => record.study === of).map(({ record }) => record);
    const from: QueryIndex = {
      ...index,
      async *instances(of) {
        yield* record(of);
      },
    };
    await expect(all({ level: 'instance', keys: keys({ InstanceNumber: '-1' }) }, from)).rejects.toMatchObject({
      code: 'query/too-broad',
    });
  });

  it('end with the signal', async () => {
    const stop = new AbortController();
    const found = search({ index }, { level: 'study', keys: {}, signal: stop.signal });
    expect((await found.next()).done).toBe(false);
    stop.abort(new Error('cancelled'));
    await expect(found.next()).rejects.toThrow('cancelled');
  });

  it('refuse what is not searched by at a level', async () => {
    for (const [level, by] of [
      ['study', { InstanceNumber: '1' }],
      ['study', { PhotometricInterpretation: 'RGB' }],
      ['patient', { Rows: '1' }],
      ['series', { AcquisitionNumber: '1' }],
    ] as const)
      await expect(uids(level, by)).rejects.toMatchObject({ code: 'query/key' });
  });
});

describe('the hierarchy', () => {
  it.each<[Search['level'], 'patient' | 'study', Parameters<typeof keys>[0], boolean]>([
    ['study', 'study', { PatientName: 'a' }, true],
    ['study', 'patient', { PatientName: 'a' }, false],
    ['study', 'patient', { PatientID: 'ID1' }, true],
    ['study', 'patient', { PatientID: 'ID*' }, false],
    ['series', 'study', {}, false],
    ['series', 'study', { StudyInstanceUID: '1.2.1' }, true],
    ['series', 'study', { StudyInstanceUID: ['1.2.1', '1.2.2'] }, false],
    ['instance', 'study', { StudyInstanceUID: '1.2.1' }, false],
    ['instance', 'patient', { PatientID: 'ID1', StudyInstanceUID: '1.2.1', SeriesInstanceUID: '1.2.1.1' }, true],
    ['patient', 'study', {}, false],
    ['patient', 'patient', {}, true],
  ])('at %s below %s with %j: %s', async (level, root, by, holds) => {
    const asked = all({ level, root, relational: false, keys: keys(by) });
    await (holds
      ? expect(asked).resolves.toBeDefined()
      : expect(asked).rejects.toMatchObject({ code: 'query/hierarchy' }));
    await expect(all({ level, root, relational: true, keys: keys(by) })).resolves.toBeDefined();
  });
});

describe('against looking at everything', () => {
  const letter = fc.constantFrom('a', 'b', 'c');
  const word = fc.string({ unit: letter, minLength: 1, maxLength: 2 });
  const day = fc.constantFrom('20260101', '20260102', '20260103', undefined);
  const oneSeries = fc.record({
    modality: fc.constantFrom('CT', 'MR', 'SR'),
    body: word,
    numbers: fc.array(fc.nat(3), { maxLength: 3 }),
  });
  const oneStudy = fc.record({
    of: fc.nat(2),
    date: day,
    accession: word,
    of0: fc.array(oneSeries, { minLength: 1, maxLength: 3 }),
  });
  const anything = fc.record({ names: fc.tuple(word, word, word), studies: fc.array(oneStudy, { maxLength: 6 }) });
  type Anything = typeof anything extends fc.Arbitrary<infer T> ? T : never;

  function built({ names, studies }: Anything): MadeUp {
    const instances: ReturnType<typeof instance>[] = [];
    const made = studies.map(({ of, date, accession, of0 }, n): StudyRecord => {
      const all = of0.map(({ modality, body, numbers }, i): SeriesRecord => {
        const uid = `1.${n}.${i}`;
        numbers.forEach((number, k) => {
          const { record, header } = instance(`${uid}.${k}`, `s${n}`);
          instances.push({ record: { ...record, number }, header });
        });
        return { order: i, uid, modality, bodyPart: body, instances: numbers.length, bytes: 0 };
      });
      return { ...study(n, of, '', ...all), uid: `1.${n}`, date, accession };
    });
    const patients = names.map((name, i) => patient(i, name));
    return { patients, studies: made, instances };
  }

  const pattern = fc.oneof(
    word,
    word.map((each) => `${each}*`),
    word.map((each) => `*${each}`),
    fc.constantFrom('', '*', '?'),
  );
  const query = fc.record(
    {
      PatientName: pattern,
      AccessionNumber: pattern,
      StudyDate: fc.constantFrom('', '20260102', '20260102-', '-20260102', '20260101-20260102'),
      Modality: fc.constantFrom(['CT'], ['CT', 'SR'], []),
      BodyPartExamined: pattern,
      InstanceNumber: fc.constantFrom('', '0', '1'),
    },
    { requiredKeys: [] },
  );

  const like = (asked: string | undefined, value: string | undefined): boolean => {
    if (asked === undefined || asked === '' || asked === '*') return true;
    return new RegExp(`^${asked.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value ?? '-');
  };
  const within = (asked: string | undefined, value: string | undefined): boolean => {
    if (!asked) return true;
    const [low = '', high = low] = asked.split('-');
    return value !== undefined && (low === '' || low <= value) && (high === '' || value <= high);
  };

  it('instances and series that match are found, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(anything, query, async (plan, by) => {
        const made = built(plan);
        const ofStudy = (each: StudyRecord) =>
          like(by.PatientName, made.patients.find(({ id }) => id === each.patient)!.name) &&
          like(by.AccessionNumber, each.accession) &&
          within(by.StudyDate, each.date);
        const ofSeries = (each: SeriesRecord) =>
          (!by.Modality?.length || (by.Modality as readonly string[]).includes(each.modality!)) &&
          like(by.BodyPartExamined, each.bodyPart);
        const series = made.studies.filter(ofStudy).flatMap((each) => each.series.filter(ofSeries));
        const expected = made.instances
          .filter(({ record }) => series.some(({ uid }) => uid === record.seriesUid))
          .filter(({ record }) => !by.InstanceNumber || record.number === Number(by.InstanceNumber));
        const from = madeUpIndex(made);
        const found = await all({ level: 'instance', keys: keys(by) }, from);
        const names = found.map((each) => values(each, 'SOPInstanceUID')![0]).sort();
        expect(names).toEqual(expected.map(({ record }) => record.sopInstanceUid).sort());

        const { InstanceNumber: _, ...above } = by;
        const foundSeries = await all({ level: 'series', keys: keys(above) }, from);
        expect(foundSeries.map((each) => values(each, 'SeriesInstanceUID')![0]).sort()).toEqual(
          series.map(({ uid }) => uid).sort(),
        );
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
