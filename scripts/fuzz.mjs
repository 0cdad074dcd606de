// `npm run fuzz [-- saml] [RUNS [SEED]]`: broken requests of SCIM clients, or broken answers of IdPs, many of them. The seed of a run
// repeats it.
import { spawnSync } from 'node:child_process';

const given = process.argv.slice(2);
const KINDS = {
  scim: { runs: '20000', projects: ['scenario'], pattern: 'scim/fuzz' },
  saml: { runs: '200000', projects: ['unit', 'scenario'], pattern: 'saml/fuzz' },
};
const kind = given[0] in KINDS ? given.shift() : 'scim';
const [runs = KINDS[kind].runs, seed = String(Math.floor(Math.random() * 2 ** 31))] = given;
const { projects, pattern } = KINDS[kind];
console.log(`${runs} runs of each kind, seed ${seed}; again with: npm run fuzz -- ${kind} ${runs} ${seed}`);
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...projects.map((project) => `--selectProjects=${project}`),
    `--testPathPatterns=${pattern}`,
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, TEST_DATABASE: process.env.TEST_DATABASE ?? 'embedded', FUZZ_RUNS: runs, FUZZ_SEED: seed },
  },
);
process.exit(status ?? 1);
