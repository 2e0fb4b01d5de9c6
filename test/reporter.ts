// What test/run.ts says of a run at its end: how many passed, which files failed, what was skipped and why.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

export interface Results {
  readonly passed: number;
  readonly failed: number;
  /** Files with a failure in them, or that could not be loaded. */
  readonly failedFiles: readonly string[];
  readonly skipped: readonly SkippedIn[];
}

interface SkippedIn {
  readonly file: string;
  readonly tests: number;
  readonly reasons: readonly string[];
}

/** Where the results are written, as JSON. */
export const resultsVariable = 'DICOMNET_TEST_RESULTS';

/** How the name of a test begins that stands for those of its file that cannot run here, and says why. */
export const announcedSkip = 'SKIPPED: ';

export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = (state: 'passed' | 'failed') =>
      modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0);
    const failedFiles = modules.filter((each) => !each.ok()).map(fileOf);
    const failed = count('failed');
    const results: Results = {
      passed: count('passed'),
      failed: failed === 0 && errors.length + failedFiles.length > 0 ? 1 : failed,
      failedFiles,
      skipped: modules.map(skippedIn).filter(({ tests, reasons }) => tests + reasons.length > 0),
    };
    writeFileSync(process.env[resultsVariable]!, JSON.stringify(results));
  }
}

const fileOf = ({ moduleId }: TestModule): string => relative(process.cwd(), moduleId);

function skippedIn(module: TestModule): SkippedIn {
  const reasons = new Set<string>();
  let tests = 0;
  for (const test of module.children.allTests('skipped')) {
    const result = test.result();
    const note = result.state === 'skipped' ? result.note : undefined;
    if (test.name.startsWith(announcedSkip)) reasons.add(test.name.slice(announcedSkip.length));
    else {
      tests++;
      if (note !== undefined) reasons.add(note);
    }
  }
  return { file: fileOf(module), tests, reasons: [...reasons] };
}
