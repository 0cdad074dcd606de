// `npm run fuzz [-- RUNS [SEED]]`: broken requests against a running server, many of them. The seed of a run repeats it.
import { spawnSync } from 'node:child_process';

const [runs = '20000', seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2);
console.log(`${runs} runs of each kind, seed ${seed}; again with: npm run fuzz -- ${runs} ${seed}`);
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--selectProjects=scenario',
    '--testPathPatterns=scim/fuzz',
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, TEST_DATABASE: process.env.TEST_DATABASE ?? 'embedded', FUZZ_RUNS: runs, FUZZ_SEED: seed },
  },
);
process.exit(status ?? 1);
