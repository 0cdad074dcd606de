// Nightly: a hundred thousand random histories against the oracle of reconciliation, with a seed that is printed first.
// MODEL_RUNS and MODEL_SEED choose others; TEST_DATABASE_URL runs them on PostgreSQL instead of the embedded database.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

const runs = process.env.MODEL_RUNS ?? '100000';
const seed = process.env.MODEL_SEED ?? String(randomInt(2 ** 31));
const database = process.env.TEST_DATABASE_URL ? 'postgres' : 'embedded';
console.log(`${runs} histories on ${database}; to repeat: MODEL_RUNS=${runs} MODEL_SEED=${seed} npm run soak`);

const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--selectProjects=scenario',
    '--testPathPatterns=reconciliation/model',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, TEST_DATABASE: database, MODEL_RUNS: runs, MODEL_SEED: seed } },
);
process.exit(status ?? 1);
