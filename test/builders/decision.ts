/** What is decided: that something is noted. And the failure from which that often follows. */

export const FAILURE = { kind: 'no-answer', message: 'silence' } as const;

/** The decision that notes these facts, and nothing else. */
export function noted(...facts: readonly object[]): {
  readonly do: 'note';
  readonly facts: readonly object[];
} {
  return { do: 'note', facts };
}
