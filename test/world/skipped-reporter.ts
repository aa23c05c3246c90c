// Names at the end of a run what was left out and why, which the usual reporter only counts.

import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node';

/** A suite that is left out says so itself: `NAME (skipped: REASON)`. */
const REASON = /\(skipped: .*\)$/;

/** A vitest reporter. Put it before the usual one, whose summary is to be the last that is printed. */
export function skippedReporter(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(started) {
      vitest = started;
    },
    onTestRunEnd(modules) {
      const suites = modules.flatMap((module) => skippedSuites(module));
      if (suites.length > 0) vitest?.logger.log(`\n Left out:\n${suites.join('\n')}`);
    },
  };
}

function skippedSuites(module: TestModule): string[] {
  return [...module.children.allSuites()]
    .filter(({ name }) => REASON.test(name))
    .map((suite) => `   ${module.relativeModuleId}: ${suite.name}, tests: ${count(suite)}`);
}

function count(suite: TestSuite): number {
  return [...suite.children.allTests()].length;
}
