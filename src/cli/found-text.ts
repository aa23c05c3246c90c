/** What `accountsFrom` takes, for a person. */
import type { LoadedConfig } from '../config/load.ts';

/** A line for each way in which accounts are taken, then what stood in the way. */
export function foundText(accountsFrom: LoadedConfig['accountsFrom'], notes: readonly string[]): string {
  if (accountsFrom.length === 0) return '';
  const lines = accountsFrom.map(({ provider, match, limit, matched = 0, written = 0, leftOut = 0 }) => {
    const taken = Math.min(matched, limit) - written - leftOut;
    const not = [
      ...(written > 0 ? [`${written} configured already`] : []),
      ...(leftOut > 0 ? [`${leftOut} left out, see the warnings`] : []),
    ];
    const rest = not.length === 0 ? '' : ` (${not.join(', ')})`;
    return `  ${provider}, match ${match.join(' ')}: ${matched} match, ${taken} taken${rest}; the limit is ${limit}`;
  });
  return [
    '',
    'Accounts taken by their names (accountsFrom)',
    ...lines,
    ...notes.map((note) => `  ${note}`),
    '',
  ].join('\n');
}
