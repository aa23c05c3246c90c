import { describe, expect, it } from 'vitest';
import { remembering } from '../../src/domain/least-recent.ts';

/** A memory for two answers, and what it had to make. */
function memory(): { readonly ask: (key: string) => string; readonly made: readonly string[] } {
  const made: string[] = [];
  const remembered = remembering<string>(2);
  const ask = (key: string): string =>
    remembered(key, () => {
      made.push(key);
      return `answer to ${key}`;
    });
  return { ask, made };
}

describe('a bounded memory of answers', () => {
  it('makes an answer once', () => {
    const { ask, made } = memory();
    expect([ask('a'), ask('a')]).toEqual(['answer to a', 'answer to a']);
    expect(made).toEqual(['a']);
  });

  it('remembers as many as it may', () => {
    const { ask, made } = memory();
    for (const key of ['a', 'b', 'a', 'b']) ask(key);
    expect(made).toEqual(['a', 'b']);
  });

  it('forgets the one that was asked for longest ago', () => {
    const { ask, made } = memory();
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) ask(key);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });

  it('takes an answer that was remembered as asked for again', () => {
    const { ask, made } = memory();
    for (const key of ['a', 'b', 'a', 'c', 'a']) ask(key);
    expect(made).toEqual(['a', 'b', 'c']);
  });
});
