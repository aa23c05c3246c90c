// How the tests run while Stryker tries mutants, and which: those of the domain alone, because what the domain does is to be
// said by its own tests, and because they take no time.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const fewRuns = fileURLToPath(new URL('test/mutation/few-runs.ts', import.meta.url));

export default defineConfig({
  plugins: [
    {
      name: 'few-runs',
      enforce: 'pre',
      resolveId: (id, importer) => (id === 'fast-check' && importer !== fewRuns ? fewRuns : undefined),
    },
  ],
  test: {
    include: ['test/domain/**/*.test.ts'],
    // Counting what each test reaches makes it slower. What never ends, Stryker ends.
    testTimeout: 120_000,
    experimental: { diagnostics: false },
  },
});
