// OHIF in Chromium, in front of a peer's process: the study list, the series list, images, the wheel, frames and reports.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { json, PeerProcess } from '../e2e/processes.ts';
import { type Sample, samples } from '../node/dicom/samples.ts';
import { announce, requires } from '../programs.ts';
import { ohifApp } from './ohif-app.ts';
import { brightAt, difference, drawn, openViewer, type Seen, type Viewer } from './ohif-browser.ts';
import { type OhifSite, ohifSite } from './ohif-site.ts';
import { madeUpStudies, slices, ultrasoundFrames } from './ohif-studies.ts';

/** Sample files by the end of their path, and how OHIF tells their first frame: one of each compression, and in colour. */
const images = [
  ['multi-frame/IM00001.fragmented_no_bot_jpeg_baseline.50.dcm', '1/8'],
  ['examples_ybr_color.dcm', '1/30'],
  ['RG3_J2KR.dcm', '1/1'],
  ['emri_small_jpeg_2k_lossless.dcm', '1/10'],
  ['OBXXXX1A_rle.dcm', '1/1'],
  ['MR_small_jpeg_ls_lossless.dcm', '1/1'],
  ['data_store/data/JPGLosslessP14SV1_1s_1f_8b.dcm', '1/1'],
  ['CTImage.dcm_JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57.dcm', '1/1'],
] as const;
/**
 * Reports, and what can be read in them. OHIF itself fails at content items without a concept name, which the standard
 * allows in containers and images, so that not every sample serves.
 */
const reports = [
  ['testImages/no-pixel-data.dcm', 'Diagnosis: Squamous cell carcinoma'],
  ['test_files/reportsi.dcm', 'Report Text: Enter text'],
] as const;

/** Longer than what a data set's JSON inlines of bytes. */
const findings = `Plămâni transparenți.${' Fără focare.'.repeat(150)}`;
const chromium = requires('chromium');
const app = chromium === undefined ? undefined : await ohifApp();
if (app !== undefined && 'missing' in app) announce(`OHIF cannot be fetched (${app.missing})`);
const pages = app !== undefined && 'dir' in app ? app.dir : undefined;
const real = pages === undefined ? [] : samples();
const sample = (end: string) => real.find(({ path }) => path.endsWith(`/${end}`))!;

const textOf = (header: DicomJson, tag: string): string => header[tag]!.Value![0] as string;

describe.runIf(pages)('OHIF', () => {
  const made = madeUpStudies();
  let dir: string;
  let peer: PeerProcess;
  let site: OhifSite;
  let viewer: Viewer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dicomnet-ohif-'));
    const files = Object.values(made).flatMap((study) => study.files);
    for (const [index, file] of files.entries()) await writeFile(join(dir, `${index}.dcm`), file);
    peer = await PeerProcess.init('Viewed');
    await peer.start();
    const wanted = real.length === 0 ? [] : [...images, ...reports].map(([end]) => sample(end).file);
    const taken = await json<{ imported: number }>(['import', dir, ...wanted, '--data', peer.dir]);
    expect(taken).toMatchObject({ imported: files.length + wanted.length, refused: [] });
    const firstInstance = textOf(readPart10(made.ct.files[0]!).json, '00080018');
    const said = ['--findings', findings, '--text', 'Fără modificări.', '--language', 'ro-RO'];
    await json(['conclude', made.ct.study, ...said, '--instance', firstInstance, '--data', peer.dir]);
    const whose = ['--role', 'imaging', '--name', 'viewer'];
    const { token } = await json<{ token: string }>(['token', 'create', ...whose, '--data', peer.dir]);
    site = await ohifSite({ pages: pages!, peer: peer.ports.http, token });
    const pictures = process.env.OHIF_PICTURES;
    viewer = await openViewer({ program: chromium!, url: site.url, pictures });
  }, 180_000);

  afterAll(async () => {
    await viewer?.close();
    await site?.close();
    await peer?.remove();
    await rm(dir, { recursive: true });
  });

  /** The picture when the viewer is at this position of the stack. */
  async function at(position: string, fits: (seen: Seen) => boolean = drawn): Promise<Seen> {
    await expect.poll(() => viewer.position(), { timeout: 60_000 }).toBe(position);
    return viewer.image(fits);
  }

  const studyOf = (file: Sample) => textOf(readPart10(file.read()).json, '0020000D');

  const seriesAre = (texts: readonly string[]) =>
    expect.poll(async () => (await viewer.series()).map(({ text }) => text), { timeout: 60_000 }).toEqual(texts);
  const thumbnailsDrawn = (count: number) =>
    expect
      .poll(async () => (await viewer.series()).filter((each) => each.drawn).length, { timeout: 60_000 })
      .toBe(count);

  it('lists the studies, and searches by a part of a name', async () => {
    await viewer.list();
    const ours = async () => (await viewer.rows()).filter(([name]) => /^[ȘȚ]/.test(name!));
    const rows = [
      ['Țîrdea, Ana', 'US', 'Ecografie cardiacă', '1'],
      ['Țîrdea, Ana', 'MR', 'RMN cerebral', String(slices.mr)],
      ['Ștefănescu, Ion', 'CR', 'Radiografie toracică', String(slices.cr)],
      ['Ștefănescu, Ion', 'CT\\SR', 'CT torace', String(slices.ct + 4 + 1)],
    ];
    const shown = async () => (await ours()).map(([name, , ...rest]) => [name, ...rest.slice(0, 3)]).sort();
    await expect.poll(shown, { timeout: 60_000 }).toEqual(rows.sort());
    await viewer.picture('list');
    await viewer.search('tefănesc');
    const names = async () => (await viewer.rows()).map(([name]) => name).filter((name) => name !== '');
    await expect.poll(names, { timeout: 60_000 }).toEqual(['Ștefănescu, Ion', 'Ștefănescu, Ion']);
    await viewer.picture('search');
  });

  it('shows a CT of two series, its conclusion, and turns through the slices', async () => {
    const from = performance.now();
    await viewer.open(made.ct.study);
    const first = await viewer.image();
    console.log(`OHIF: first image after ${Math.round(performance.now() - from)} ms, with its own start`);
    await seriesAre(['CT Torace nativ 2.5 mm S:1 12', 'CT Torace, plămâni S:2 4', 'SR Conclusion S:3 1']);
    await thumbnailsDrawn(2);
    await at(`1/${slices.ct}`);
    await viewer.wheel(5);
    const sixth = await at(`6/${slices.ct}`);
    expect(difference(first, sixth)).toBeGreaterThan(0.05);
    await viewer.picture('ct');
    await viewer.wheel(-5);
    const again = await at(`1/${slices.ct}`, (seen) => difference(first, seen) < 0.001);
    expect(difference(first, again)).toBeLessThan(0.001);

    await viewer.show('Torace, plămâni');
    await at('1/4');
    await viewer.show('Conclusion');
    await expect.poll(() => viewer.text(), { timeout: 60_000 }).toContain('Conclusion: Fără modificări.');
    expect(await viewer.text()).toContain(findings);
    await viewer.picture('conclusion');
  });

  it("shows the same patient's CR beside it", async () => {
    await viewer.page.getByText('Radiografie toracică').click();
    await thumbnailsDrawn(4);
    await viewer.show('Torace PA');
    await at('1/1');
    await viewer.picture('cr');
  });

  it('shows an MR', async () => {
    await viewer.open(made.mr.study);
    const first = await at(`1/${slices.mr}`);
    await seriesAre([`MR T1 axial S:1 ${slices.mr}`]);
    await thumbnailsDrawn(1);
    await viewer.wheel(2);
    expect(difference(first, await at(`3/${slices.mr}`))).toBeGreaterThan(0.05);
    await viewer.picture('mr');
  });

  it('shows the frames of an ultrasound', async () => {
    await viewer.open(made.us.study);
    const first = await at(`1/${ultrasoundFrames}`);
    await thumbnailsDrawn(1);
    await viewer.wheel(4);
    const fifth = await at(`5/${ultrasoundFrames}`, (seen) => brightAt(seen) > brightAt(first) + 0.2);
    // the disc went from the left to the middle
    expect(brightAt(first)).toBeLessThan(0.2);
    expect(brightAt(fifth)).toBeCloseTo(0.5, 1);
    await viewer.picture('us');
  });

  it.runIf(real.length > 0).for(images)('shows %s', async ([end, position]) => {
    await viewer.open(studyOf(sample(end)));
    await at(position);
    await thumbnailsDrawn(1);
    await viewer.picture(end.split('/').at(-1)!);
  });

  it.runIf(real.length > 0).for(reports)('shows what %s says', async ([end, text]) => {
    await viewer.open(studyOf(sample(end)));
    await expect.poll(() => viewer.text(), { timeout: 60_000 }).toContain(text);
    await viewer.picture(end.split('/').at(-1)!);
  });

  it('was given everything that it asked for, and complained about nothing', () => {
    const { asked } = site;
    const forms = new Set(asked.map(({ path, accept }) => `${path.replaceAll(/\d+(\.\d+)+/g, 'UID')}  ${accept}`));
    console.log(`OHIF asked ${asked.length} times, in these forms:\n${[...forms].sort().join('\n')}`);
    expect(asked.filter(({ status }) => ![200, 204, 206].includes(status))).toEqual([]);
    expect(viewer.complaints).toEqual([]);
    const kinds = ['/studies?', '/series?', '/metadata', '/frames/1', '/thumbnail'];
    expect(kinds.filter((kind) => !asked.some(({ path }) => path.includes(kind)))).toEqual([]);
  });
});
