/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/packages/*/{src,test}/**/*.test.ts', '<rootDir>/scripts/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest/transform.mjs' },
  setupFiles: ['<rootDir>/scripts/jest/oneErrorRealm.ts'],
  globalSetup: '<rootDir>/scripts/jest/startPostgres.ts',
  globalTeardown: '<rootDir>/scripts/jest/stopPostgres.ts',
  // For a test that waits for ever: on a busy machine some take a minute.
  testTimeout: 240_000,
  // Jest leaves a processor free by default; most of these tests wait for databases and processes of their own.
  maxWorkers: '100%',
  coverageProvider: 'v8',
  // objectStore.ts is a type, of which nothing is left to run; main.ts runs in processes of its own.
  collectCoverageFrom: ['packages/*/src/**/*.ts', '!**/*.test.ts', '!**/{objectStore,main}.ts'],
  coverageThreshold: { global: { lines: 90 } },
};
