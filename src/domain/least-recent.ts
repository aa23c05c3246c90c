/** A bounded memory of answers: the least recently used one is forgotten first. For pure calculations only. */

/**
 * A function that makes each answer once and remembers the last `limit` of them by key. What it makes must depend
 * on the key alone.
 */
export function remembering<V extends object | string | number>(
  limit: number,
): (key: string, make: () => V) => V {
  const answers = new Map<string, V>();
  /** The one that was used last: it stays where it is. */
  let newest: string | undefined;
  return (key, make) => {
    const known = answers.get(key);
    if (known !== undefined && key === newest) return known;
    if (known !== undefined) {
      answers.delete(key);
      answers.set(key, known);
      newest = key;
      return known;
    }
    const made = make();
    answers.set(key, made);
    newest = key;
    const oldest = answers.size > limit ? answers.keys().next() : undefined;
    if (oldest?.done === false) answers.delete(oldest.value);
    return made;
  };
}
