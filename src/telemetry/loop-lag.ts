/** How late the event loop runs, measured by the runtime itself. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Delays in seconds since the last look. */
export interface LoopLag extends Disposable {
  read(): { readonly quantile: '0.5' | '0.99' | '1'; readonly seconds: number }[];
}

/** The measured interval contains the resolution itself. Finer ones cost CPU at rest. */
const RESOLUTION_MS = 50;

const NS_IN_S = 1e9;

export function measureLoopLag(): LoopLag {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / NS_IN_S - RESOLUTION_MS / 1_000);
  return {
    read() {
      const [half, most, all] = [histogram.percentile(50), histogram.percentile(99), histogram.max];
      const empty = histogram.count === 0;
      histogram.reset();
      return [
        { quantile: '0.5', seconds: empty ? 0 : late(half) },
        { quantile: '0.99', seconds: empty ? 0 : late(most) },
        { quantile: '1', seconds: empty ? 0 : late(all) },
      ];
    },
    [Symbol.dispose]: () => {
      histogram.disable();
    },
  };
}
