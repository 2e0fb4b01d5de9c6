// Makes a data folder by the code that is here, for later versions to open: `node test/node/store/make-folder.ts FOLDER`, run
// before a change of the layout. Everybody in it is made up. `folders/v1` was made so by the last code that wrote format 1. What is
// in it is said by `contents.json`, in the words of the code that made it.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importFile } from '../../../node/exchange/import/from-file.ts';
import { linkPatient } from '../../../node/exchange/import/patients.ts';
import { Documents } from '../../../node/reports/documents.ts';
import { dicomMoment, systemClock, systemRandom } from '../../../node/system/machine.ts';
import { idnpSystem } from '../../../protocol/tags/identifier.ts';
import { markedStudy, type SyntheticInstance } from '../../../sim/studies/studies.ts';
import { eventually, type Hospital, startFederation } from '../hospitals.ts';
import { removeDir } from '../stores.ts';
import { contentsOf } from './folder-contents.ts';

const [, , to] = process.argv;
if (to === undefined) throw new Error('say where to make it');

const rusu = { id: '2000000000008', name: 'Rusu^Ana', birthDate: '19700101', sex: 'F' } as const;
const sameRusu = { id: 'SPITAL-77', issuer: 'vechi', name: 'Rusu^Ana Maria', birthDate: '19700101', sex: 'F' } as const;
const ceban = { id: '2000000000015', name: 'Ceban^Ion', birthDate: '19551231', sex: 'M' } as const;
const doctor = { name: 'Dr. A', role: 'practitioner' } as const;
const custodian = { name: 'Custodian B', role: 'custodian' } as const;

async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const take = async ({ core }: Hospital, instances: Iterable<SyntheticInstance>) => {
  for (const each of instances) await importFile(core.imports.importer, whole(each.part10), 'test');
};

const world = await startFederation(['A', 'B']);
const [a, b] = world.hospitals as [Hospital, Hospital];

// several studies, of three records that are two people
await take(a, markedStudy({ seed: 1, patient: rusu, instances: 5, bytesEach: 2_000 }));
await take(a, markedStudy({ seed: 2, patient: rusu, instances: 2, bytesEach: 2_000, date: '20250610' }));
await take(a, markedStudy({ seed: 3, patient: sameRusu, instances: 3, bytesEach: 1_000, date: '20190302' }));
await take(a, markedStudy({ seed: 4, patient: ceban, instances: 4, bytesEach: 1_000 }));
const [, second] = [...a.core.store.index.patients()].filter(({ name }) => name?.startsWith('Rusu'));
const linking = { index: a.core.store.index, clock: systemClock, touch: () => undefined };
await linkPatient(linking, second!.id, { system: idnpSystem, value: rusu.id }, async () => undefined);

// a conclusion in one of them
const [concluded] = markedStudy({ seed: 1, patient: rusu, instances: 1, bytesEach: 2_000 });
const { store, access, imports, audit } = a.core;
const writing = { guard: access.guard, index: store.index, importer: imports.importer, acts: audit.acts };
const documents = new Documents(
  { institution: 'Spitalul A', version: '0.1.0' },
  { ...writing, clock: systemClock, random: systemRandom, moment: dicomMoment },
);
await documents.conclude(concluded!.studyUid, { conclusion: 'Fara modificari.', language: 'ro' }, doctor);

// a copy from the other hospital: objects in files of their own
await take(b, markedStudy({ seed: 5, patient: rusu, instances: 2, bytesEach: 2_000, date: '20240101' }));
const query = { value: rusu.id, purpose: 'TREAT', reason: 'follow-up' };
await eventually('B is found', async () => {
  const { hospitals } = await a.core.finder.find(query, doctor);
  return hospitals.some(({ name, state, studies }) => name === 'B' && state === 'answered' && studies.length > 0);
});
const asked = { member: 'B', patient: { value: rusu.id }, refs: 'all' as const, purpose: 'TREAT', reason: 'follow-up' };
const { id } = await a.core.exchange.asking.create(asked, doctor);
await b.core.access.guard.approve(id, custodian);
await eventually('the copy is here', () => a.core.exchange.transfers.get(id)?.state === 'done');

// aside: other bytes under a known UID, a study that is somebody else's, and what can't be read
const [known] = markedStudy({ seed: 4, patient: ceban, instances: 1, bytesEach: 1_000 });
const other = known!.part10.slice();
other[other.length - 1]! ^= 1;
await importFile(a.core.imports.importer, whole(other), 'test');
const fifth = [...markedStudy({ seed: 4, patient: ceban, instances: 5, bytesEach: 1_000 })][4]!;
const theirs = Buffer.from(Buffer.from(fifth.part10).toString('latin1').replace(ceban.id, '2000000000023'), 'latin1');
await importFile(a.core.imports.importer, whole(theirs), 'test');
const { transferSyntax, sopClassUid, sopInstanceUid } = known!;
const broken = await a.core.imports.importer.open({
  ...{ transferSyntax, from: 'test', instance: { sopClassUid, sopInstanceUid: `${sopInstanceUid}9` } },
});
await broken.write(new Uint8Array(3_000).fill(0xfe));
await broken.finish();

const contents = await contentsOf({ ...a.core.store, aside: a.core.imports.aside });
await Promise.all([a.stop(), b.stop()]);
await mkdir(to, { recursive: true });
for (const part of ['peer.json', 'vault.json', 'db', 'packs', 'objects']) {
  await cp(join(a.dir, part), join(to, part), { recursive: true });
}
await Promise.all([a, b].map(({ dir }) => removeDir(dir)));
await writeFile(join(to, 'contents.json'), `${JSON.stringify(contents)}\n`);
