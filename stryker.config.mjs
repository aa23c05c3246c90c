// Mutation testing: `npm run mutate` changes the domain in every small way that it knows, and lists the changes that no test
// of the domain notices. `npm run mutate -- --mutate src/domain/due.ts` does so for one file.

/** @type {import('@stryker-mutator/core').PartialStrykerOptions} */
export default {
  mutate: ['src/domain/**/*.ts'],
  testRunner: 'domain',
  plugins: ['./test/mutation/plugin.ts'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A loop without an end is found by counting; this is for a machine that is busy with other things.
  timeoutMS: 600_000,
  // The first run of all tests, which tells who reaches what, takes a minute on a quiet machine.
  dryRunTimeoutMinutes: 30,
  // Modules that were loaded stay in memory: each process is replaced by another after this many mutants.
  maxTestRunnerReuse: 200,
  thresholds: { high: 95, low: 90, break: 90 },
  // Stryker asks the compiler to read a tsconfig, and TypeScript 7 has no such interface: it is given none to read.
  tsconfigFile: 'none.json',
  tempDirName: '.mutation/sandbox',
  ignorePatterns: ['**', '!src/**', '!test/domain/**', '!test/builders/**', '!package.json'],
  reporters: ['clear-text', 'html', 'json', 'scores'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.mutation/report.html' },
  jsonReporter: { fileName: '.mutation/report.json' },
};
