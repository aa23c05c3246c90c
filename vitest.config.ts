// How the tests run. Everything in test/ named *.test.ts is one; test/bench/ is not a test and has its own command.

import { defineConfig } from 'vitest/config';
import { skippedReporter } from './test/world/skipped-reporter.ts';
import { LONG_LIMIT_MS, PATIENCE_MS, TEST_LIMIT_MS } from './test/world/patience.ts';

// What tests write is for nobody else to write, whatever the shell allows: such files are refused.
process.umask(0o022);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: [skippedReporter(), 'default'],
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: LONG_LIMIT_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    // A machine that builds for many may stand still until a limit of the product's own has passed, such as 10 s for an answer. What
    // fails there is tried once more, and shown as such; what fails twice is a fault.
    retry: process.env['CI'] === undefined ? 0 : 1,
    // A test that waits for what never comes should end the run with a message, not with a cancelled job.
    teardownTimeout: 10_000,
    // Each file starts with a process of its own: what one leaves behind is not another's cause.
    isolate: true,
    // Much of a run is waiting for processes and containers, also on a small machine.
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    // The last line of a run is its summary, not advice on how to make it faster.
    experimental: { diagnostics: false },
  },
});
