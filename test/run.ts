// The test command: installs the Debian programs that tests talk to where it may, runs the suite, and ends with one
// line `N passed, N failed`. With `--slow` it runs the long tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

function runSuite(slow: boolean): number {
  const dir = mkdtempSync(join(tmpdir(), 'dicomnet-test-'));
  const report = join(dir, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [
    'run',
    '--config',
    'test/vitest.config.ts',
    ...reporters,
    ...process.argv.slice(2).filter((arg) => arg !== '--slow'),
  ];
  const env = { ...process.env, SLOW: slow ? '1' : '0' };
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env });
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
  } finally {
    rmSync(dir, { recursive: true });
  }
  return status ?? 1;
}

const isSlow = process.argv.includes('--slow');
installPrograms(isSlow);
process.exitCode = runSuite(isSlow);
