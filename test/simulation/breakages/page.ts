/** What `docs/reliability.md` says of the mistakes: made here, so that the page and the mistakes cannot differ. */
import { MISTAKES, WITHOUT } from './mistakes.ts';

const BEGIN = '<!-- mistakes: begin -->';
const END = '<!-- mistakes: end -->';

/** The page with its lists of mistakes as they are now. */
export function withMistakes(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${table()}\n\n${without()}\n\n${page.slice(end)}`;
}

function table(): string {
  const rows = MISTAKES.map(({ name, rows: broken, breaks }) => {
    const found = breaks === 'run' ? 'no rest' : String(breaks);
    return `| ${name} | ${broken.join('; ')} | ${found} |`;
  });
  return ['| mistake | row | found as |', '| --- | --- | --- |', ...rows].join('\n');
}

function without(): string {
  const byReason = Map.groupBy(Object.entries(WITHOUT), ([, reason]) => reason);
  const items = [...byReason].map(
    ([reason, rows]) => `- ${rows.map(([row]) => `\`${row}\``).join(', ')}: ${reason}`,
  );
  return ['No mistake is made in these rows:', '', ...items].join('\n');
}
