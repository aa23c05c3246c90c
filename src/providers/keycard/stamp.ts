/** A line of ours in a description that people write: it replaces the one before, and leaves all other lines as they are. */

/** Keycard's own bound. */
const LENGTH_MAX = 500;

const MARK = '[rekeyd] ';

/** The description with the line in it; `undefined` where the words of people leave no room for it. */
export function stamped(description: string, line: string): string | undefined {
  const others = description.split('\n').filter((one) => !one.startsWith(MARK));
  const ours = MARK + line.replace(/\s+/g, ' ').trim();
  // A description that is empty has no line.
  const text = [...(others.join('') === '' ? [] : others), ours].join('\n');
  return text.length > LENGTH_MAX ? undefined : text;
}
