// `npm test`: the whole suite on the embedded database, and the scenarios again on PostgreSQL when TEST_DATABASE_URL is set.
// Arguments go to Jest. The last line counts the tests of all runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const results = mkdtempSync(join(tmpdir(), 'rollcall-results-'));
const total = { passed: 0, failed: 0, skipped: 0 };

function run(name, environment, selection) {
  console.log(`\n== ${name}`);
  const outputFile = join(results, `${name.replaceAll(' ', '-')}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--maxWorkers=2',
      '--json',
      `--outputFile=${outputFile}`,
      ...selection,
      ...process.argv.slice(2),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, TEST_BUILT: 'yes', ...environment } },
  );
  const report = readReport(outputFile);
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  total.skipped += report.numPendingTests;
  if (status !== 0 && report.numFailedTests + report.numRuntimeErrorTestSuites === 0) total.failed += 1;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numRuntimeErrorTestSuites: 1 };
  }
}

const built = spawnSync('node_modules/.bin/nest', ['build'], { stdio: 'inherit' });
if (built.status === 0) {
  run('embedded database', { TEST_DATABASE: 'embedded' }, []);
  // Selecting projects without the scenarios leaves nothing to run twice.
  const selected = process.argv.indexOf('--selectProjects');
  const scenarios = selected === -1 || process.argv.slice(selected).includes('scenario');
  if (process.env.TEST_DATABASE_URL && scenarios) {
    run('PostgreSQL', { TEST_DATABASE: 'postgres' }, ['--selectProjects', 'scenario', '--passWithNoTests']);
  }
} else {
  total.failed += 1;
}
rmSync(results, { recursive: true, force: true });
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
