// The test command: installs the Debian programs that tests talk to where it may, runs the suite, says what was skipped and
// how to run again what failed, and ends with one line `N passed, N failed`. With `--slow` it runs the long tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Results, resultsVariable } from './reporter.ts';

/** What the tests call, or the file that they need, and the Debian package it comes in. */
const programs: Record<string, string> = {
  storescu: 'dcmtk',
  gdcmconv: 'libgdcm-tools',
  dciodvfy: 'dicom3tools',
  Orthanc: 'orthanc',
  '/usr/share/orthanc/plugins/libOrthancDicomWeb.so': 'orthanc-dicomweb',
  curl: 'curl',
};

/** What the slow tests call besides; a browser takes 300 MB. */
const slowPrograms: Record<string, string> = { chromium: 'chromium' };

function has(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function installPrograms(slow: boolean): void {
  const wanted = slow ? { ...programs, ...slowPrograms } : programs;
  const missing = Object.keys(wanted).filter((program) => !has(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => wanted[program]!);
  if (process.getuid?.() === 0 && has('apt-get')) {
    console.log(`installing ${packages.join(' ')}`);
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', ...packages], { stdio: 'inherit' });
  }
  const absent = missing.filter((program) => !has(program));
  if (absent.length > 0) console.log(`not installed, their tests are skipped: ${absent.join(', ')}`);
}

/** Runs it with a folder for temporary files of its own, which is gone afterwards. */
function runSuite(slow: boolean): number {
  const dir = mkdtempSync(join(tmpdir(), 'dicomnet-tests-'));
  const file = join(dir, 'results.json');
  const given = process.argv.slice(2).filter((arg) => arg !== '--slow');
  const args = [
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=test/reporter.ts',
    ...given,
  ];
  const env = { ...process.env, SLOW: slow ? '1' : '0', TMPDIR: dir, [resultsVariable]: file };
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env });
  const results: Results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : noResults;
  const left = readdirSync(dir).filter((name) => name !== basename(file));
  rmSync(dir, { recursive: true });
  tell(results, left, slow);
  return status === 0 && results.failed === 0 ? 0 : 1;
}

/** Of a run that ended before its end. */
const noResults: Results = { passed: 0, failed: 1, failedFiles: [], skipped: [] };

function tell({ passed, failed, failedFiles, skipped }: Results, left: readonly string[], slow: boolean): void {
  for (const { file, tests, reasons } of skipped) {
    console.log(
      `skipped: ${file}: ${tests > 0 ? `${tests} tests` : 'a part'}: ${reasons.join('; ') || 'no reason given'}`,
    );
  }
  if (left.length > 0) console.log(`left behind by tests, removed: ${left.join(' ')}`);
  for (const file of failedFiles) console.log(`again: npm ${slow ? 'run test:slow' : 'test'} -- ${file}`);
  console.log(`${passed} passed, ${failed} failed`);
}

const isSlow = process.argv.includes('--slow');
installPrograms(isSlow);
process.exitCode = runSuite(isSlow);
