/** A thread that runs histories, one after the other, and nothing else: time and turns in it are the simulation's. */
import { parentPort } from 'node:worker_threads';
import { runHistory } from './history.ts';
import type { Failed, Portion } from './seeds.ts';

parentPort?.on('message', (asked: { readonly from: number; readonly to: number }) => {
  void run(asked).then((portion) => parentPort?.postMessage(portion));
});

async function run({ from, to }: { readonly from: number; readonly to: number }): Promise<Portion> {
  const failures: Failed[] = [];
  let [events, mints] = [0, 0];
  for (let seed = from; seed < to; seed++) {
    const history = await runHistory(seed);
    for (const { invariant, message } of history.violations) failures.push({ seed, invariant, message });
    events += history.steps;
    mints += history.mints;
  }
  return { failures, events, mints };
}
