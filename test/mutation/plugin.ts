// What Stryker loads: the runner of the domain's tests, and the reporter that keeps the table of scores.

import { domainRunner } from './runner.ts';
import { scoresReporter } from './scores.ts';

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'domain', factory: domainRunner },
  { kind: 'Reporter', name: 'scores', factory: scoresReporter },
];
