// Searches of more than one answer holds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { limits } from '../../../../../protocol/limits.ts';
import { addStudies, described, instancesEach } from '../../../../bench/many-studies.ts';
import { openPeer, type Peer } from '../../kit.ts';

const studies = 300;
const instances = studies * instancesEach;

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
  await addStudies(peer.stores.additions, studies);
});
afterAll(() => peer.close());

async function ask(path: string) {
  const answer = await peer.call(`/dicom-web${path}`);
  expect(answer.status).toBe(200);
  const found = (await answer.json()) as DicomJson[];
  return { found, warning: answer.headers.get('warning') };
}

const uids = (found: readonly DicomJson[], tag: string) => found.map((each) => each[tag]!.Value![0]);

describe('instances of everything', () => {
  it('come in pages, and say when there are more', async () => {
    expect(instances).toBeGreaterThan(limits.qidoMatches);
    const warning = `299 dicomnet "at most ${limits.qidoMatches} results; ask with offset"`;
    const first = await ask('/instances');
    expect([first.found.length, first.warning]).toEqual([limits.qidoMatches, warning]);
    const rest = await ask(`/instances?offset=${limits.qidoMatches}`);
    expect([rest.found.length, rest.warning]).toEqual([instances - limits.qidoMatches, null]);
    expect(new Set(uids([...first.found, ...rest.found], '00080018')).size).toBe(instances);
    expect((await ask('/instances?limit=9999')).warning).toBe(warning);
    expect((await ask('/instances?limit=50')).warning).toBeNull();
    expect((await ask(`/instances?offset=${instances - 3}&limit=50`)).found).toHaveLength(3);
  });
});

describe('studies', () => {
  it('come in pages, latest first', async () => {
    const pages = await Promise.all([0, 100, 200, 300].map((offset) => ask(`/studies?limit=100&offset=${offset}`)));
    expect(pages.map(({ found }) => found.length)).toEqual([100, 100, 100, 0]);
    const all = pages.flatMap(({ found }) => found);
    expect(new Set(uids(all, '0020000D')).size).toBe(studies);
    const dates = uids(all, '00080020').map(String);
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  it('that come later take their place', async () => {
    const { found } = await ask('/studies?limit=1');
    const latest = String(uids(found, '00080020')[0]);
    await addStudies(peer.stores.additions, studies + 200);
    const added = Array.from({ length: 200 }, (_, i) => described(studies + i).date);
    const expected = [latest, ...added].sort().at(-1);
    expect(uids((await ask('/studies?limit=1')).found, '00080020')).toEqual([expected]);
    expect((await ask('/studies')).found).toHaveLength(studies + 200);
  });
});
