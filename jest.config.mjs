// Two projects: `unit` needs no database and runs once; `scenario` boots the server and runs on the embedded
// database, and again on PostgreSQL when TEST_DATABASE_URL is set (scripts/test.mjs).
const common = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.json' }] },
};
export default {
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', 'migrations/**/*.ts', '!src/main.ts'],
  workerIdleMemoryLimit: '1500MB',
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: ['<rootDir>/test'],
      testRegex: '\\.spec\\.ts$',
    },
    {
      ...common,
      displayName: 'scenario',
      roots: ['<rootDir>/test'],
      testRegex: '\\.scenario\\.ts$',
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
      setupFilesAfterEnv: ['<rootDir>/test/support/timeouts.mjs'],
    },
  ],
};
