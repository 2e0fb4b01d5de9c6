// A patient whose name came in another character set than was declared: shown as it was meant, and marked.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { writePart10Header } from '../../../../node/dicom/write/part10-header.ts';
import { concat } from '../../../../protocol/bytes.ts';
import { dataset } from '../../dicom/helpers.ts';
import { openPeer, type Peer, take } from '../kit.ts';

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer.close());

test('the record says that the name is a guess; the search finds it by either spelling; the bytes stay', async () => {
  // Ковальчук^Сергей in windows-1251, declared as Latin 1
  const name = Uint8Array.of(
    0xca,
    0xee,
    0xe2,
    0xe0,
    0xeb,
    0xfc,
    0xf7,
    0xf3,
    0xea,
    0x5e,
    0xd1,
    0xe5,
    0xf0,
    0xe3,
    0xe5,
    0xe9,
  );
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.7';
  const data = dataset([0x00080005, 'CS', 'ISO_IR 100'], [0x00100010, 'PN', name], [0x00100020, 'LO', '2003000000017']);
  const header = writePart10Header({
    sopClassUid,
    sopInstanceUid: '1.2.3.4',
    transferSyntax: uids.explicitLittleEndian,
  });
  expect(await take(peer, concat(header, data))).toMatchObject({ outcome: 'imported' });
  const patients = (await (await peer.call('/api/v1/patients')).json()) as object[];
  expect(patients).toMatchObject([{ name: 'Ковальчук^Сергей', guessedName: true }]);
  for (const asked of ['Kovalchuk*', 'Covalciuc*', 'КОВАЛЬЧУК*']) {
    const found = await peer.call(`/dicom-web/studies?PatientName=${encodeURIComponent(asked)}`);
    expect((await found.json()) as object[], asked).toHaveLength(1);
  }
  const instance = await peer.stores.index.instance('1.2.3.4');
  expect(instance).toMatchObject({ guessedCharset: true });
  const raw = await peer.call('/dicom-web/studies/1.2.3/series/1.2.3.1/instances/1.2.3.4');
  expect(Buffer.from(await raw.arrayBuffer()).includes(Buffer.from(name))).toBe(true);
});
