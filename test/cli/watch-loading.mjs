// Preloaded into a process: says on standard error which modules it loads, ES modules and CommonJS alike.

import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, nextLoad) {
    process.stderr.write(`loaded ${url}\n`);
    return nextLoad(url, context);
  },
});
