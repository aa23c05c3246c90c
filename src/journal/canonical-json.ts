/** JSON text with sorted keys and no spaces: the same value is always the same text, so that it can be sealed. */

/** The text of a JSON value. Keys whose value is `undefined` are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
