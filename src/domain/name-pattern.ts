/** Patterns of names as people write them: `*` stands for any text, `?` for one character, everything else for itself. */

/** Whether a name is as one of the patterns says, from its first character to its last. Upper and lower case differ. */
export function namePattern(patterns: readonly string[]): (name: string) => boolean {
  const wanted = patterns.map((pattern) => Array.from(pattern));
  return (name) => {
    const characters = Array.from(name);
    return wanted.some((each) => fits(each, characters));
  };
}

/** Goes back to the last `*` where something does not fit, so that no pattern takes longer than its length times the name's. */
function fits(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === '*') {
      star = at;
      resumeAt = index;
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resumeAt += 1;
      index = resumeAt;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((character) => character === '*');
}
