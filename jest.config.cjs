'use strict';

/**
 * Two projects: `unit` needs nothing but Node.js and the addon and runs in parallel, `integration` needs root,
 * kea-dhcp6 and network namespaces; its files share nothing, and each starts servers, so several run at a time.
 * Types are checked by tsc over the whole of test/, so ts-jest only transpiles.
 */
const common = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/test/support/transform.cjs',
      { tsconfig: 'test/tsconfig.json', diagnostics: false },
    ],
  },
};

module.exports = {
  // Far more than any test takes: a machine that is busy is no failure; a test that hangs is told all the same.
  testTimeout: 600_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: ['<rootDir>/test'],
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/integration/'],
    },
    {
      ...common,
      displayName: 'integration',
      globalSetup: '<rootDir>/test/integration/support/compile-programs.cjs',
      roots: ['<rootDir>/test/integration'],
      testMatch: ['**/*.test.ts'],
    },
  ],
};
