/** Parts that can be killed with the process that uses them: from then on nothing that they do comes back to it. */

export interface Life {
  ended: boolean;
}

/**
 * The same object, until the life ends: then calls that are made do nothing, and neither they nor those under way ever
 * answer, as seen from a process that is not there any more.
 */
export function mortal<T extends object>(life: Life, part: T): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === Symbol.asyncDispose) return value;
      return (...given: unknown[]) => {
        if (life.ended) return never();
        const answer: unknown = Reflect.apply(value, target, given);
        return answer instanceof Promise ? answered(life, answer) : answer;
      };
    },
  });
}

async function answered(life: Life, answer: Promise<unknown>): Promise<unknown> {
  try {
    const value = await answer;
    return life.ended ? await never() : value;
  } catch (error) {
    if (life.ended) return never();
    throw error;
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
