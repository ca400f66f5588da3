/**
 * Three projects: `unit` needs no server; `integration` shares one real Temporal server and one real PostgreSQL; `long`, with the same servers, is what
 * does not fit into the twelve minutes of `npm test`.
 */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
  ],
};
const common = {
  rootDir: __dirname,
  // onnxruntime-node makes its outputs with the process's own typed arrays, which jest's plain node environment refuses.
  testEnvironment: '<rootDir>/test/setup/host-arrays-environment.js',
  transform,
  moduleNameMapper: { '^understudy$': '<rootDir>/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.understudy'],
};
module.exports = {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/setup/global-setup.ts',
      globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
    },
    {
      ...common,
      displayName: 'long',
      testMatch: ['<rootDir>/test/long/**/*.test.ts'],
      globalSetup: '<rootDir>/test/setup/global-setup.ts',
      globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
    },
  ],
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/setup/longest-first.js',
  // Tests wait for servers more than they compute; jest itself would use one worker on two cores.
  maxWorkers: 3,
};
