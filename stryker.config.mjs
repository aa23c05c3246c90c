// Mutation testing: `npm run mutate` changes the domain in every small way that it knows, and lists the changes that no test
// of the domain notices. `npm run mutate -- --mutate src/domain/due.ts` does so for one file.

/** @type {import('@stryker-mutator/core').PartialStrykerOptions} */
export default {
  mutate: ['src/domain/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A loop without an end is found by counting; this is for a machine that is busy with other things.
  timeoutMS: 30_000,
  thresholds: { high: 95, low: 90, break: 90 },
  // Stryker asks the compiler to read a tsconfig, and TypeScript 7 has no such interface: it is given none to read.
  tsconfigFile: 'none.json',
  tempDirName: '.mutation/sandbox',
  ignorePatterns: ['dist', '.rekeyd', 'coverage', 'deploy', 'docs'],
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.mutation/report.html' },
  jsonReporter: { fileName: '.mutation/report.json' },
};
