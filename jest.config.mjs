/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/packages/*/{src,test}/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest/transform.mjs' },
  globalSetup: '<rootDir>/scripts/jest/startPostgres.ts',
  globalTeardown: '<rootDir>/scripts/jest/stopPostgres.ts',
  testTimeout: 60_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/*/src/**/*.ts', '!**/*.test.ts'],
  coverageThreshold: { global: { lines: 90 } },
};
