/** What the design rests on at a provider, tried out on an account that nobody needs. */
/** `unknown`: it could not be found out. */
export type Verdict = 'holds' | 'differs' | 'unknown';

export interface CanaryFact {
  /** A sentence in the present tense. */
  readonly fact: string;
  /** What the design rests on. */
  readonly expected: string;
  /** What was seen. Never a credential. */
  readonly seen: string;
  readonly verdict: Verdict;
}

/** For whoever is asked whether the account may be used so. */
export interface CanaryWords {
  /** What is done to it, a sentence each. */
  readonly does: readonly string[];
  /** What is left of that afterwards, in a sentence. */
  readonly leaves: string;
}

/** Tries one fact after the other, in an order in which one builds on another; ends early where one that others need cannot be had. */
export type ProveFacts = (about: {
  readonly account: string;
  readonly signal: AbortSignal;
}) => AsyncIterable<CanaryFact>;
