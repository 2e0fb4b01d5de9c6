// Programs that tests compare with or talk to, and that not every machine has.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';
import { announcedSkip } from './reporter.ts';

const packages: Record<string, string> = {
  curl: 'curl',
  storescu: 'dcmtk',
  storescp: 'dcmtk',
  echoscu: 'dcmtk',
  dcmdjpeg: 'dcmtk',
  dcmdjpls: 'dcmtk',
  dcm2pnm: 'dcmtk',
  gdcmconv: 'libgdcm-tools',
  dcmdump: 'dcmtk',
  dcm2json: 'dcmtk',
  wlmscpfs: 'dcmtk',
  findscu: 'dcmtk',
  getscu: 'dcmtk',
  movescu: 'dcmtk',
  dciodvfy: 'dicom3tools',
  dcmqrscp: 'dcmtk',
  dsrdump: 'dcmtk',
  dcm2pdf: 'dcmtk',
  Orthanc: 'orthanc',
};

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // missing or not ours to run: the caller says so in a test's name
  }
}

/**
 * The path of a program, or undefined after having said that what needs it is skipped. Call
 * it at the top of a test file or inside `describe`, and register the tests that need the program only if it is there.
 */
export function requires(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, program)).find(executable);
  if (found === undefined) announce(`${packages[program] ?? program} not installed (${program})`);
  return found;
}

/** Registers a line of the run's summary for tests that cannot run here. Once a test runs, its `skip` does the same. */
export function announce(reason: string): void {
  test.skip(announcedSkip + reason);
}
