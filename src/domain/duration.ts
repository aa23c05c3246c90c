/** Durations in words, as people write them in a configuration: `90s`, `10m`, `36h`, `1d12h`. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

const WHOLE = /^(?:\d+(?:ms|[smhdw]))+$/;
const PART = /(\d+)(ms|[smhdw])/g;

/** In ms, or `undefined` where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(PART)) total += Number(count) * UNITS[unit as Unit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest words for it, such as `1d12h`; from a minute on rounded to seconds, below to ms. */
export function formatDuration(ms: number): string {
  let rest = ms >= UNITS.m ? Math.round(ms / UNITS.s) * UNITS.s : Math.round(ms);
  if (rest <= 0) return '0s';
  let words = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / UNITS[unit]);
    if (count > 0) words += `${count}${unit}`;
    rest -= count * UNITS[unit];
  }
  return words;
}
