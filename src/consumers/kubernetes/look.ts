/** What one look at a consumer in a cluster can conclude, and the words that all kinds of them share. Pure. */
import type { z } from 'zod';
import type { JsonObject } from '../../domain/target.ts';
import type { Progress } from '../../ports/consumer.ts';

/** A need to read anew, and the time of the look, both in ms since the epoch. */
export interface Need {
  readonly neededAt: number;
  readonly now: number;
  /** The name of this rekeyd, and the field manager that it changes objects as. */
  readonly installation: string;
  readonly manager: string;
}

/** Clocks of two machines may differ by so much; what lies further ahead was dated by one that is wrong. */
export const AHEAD_MS_MAX = 5 * 60_000;

export type Looked =
  | Progress
  /** It was not begun for this need: these fields begin it. `why`: what is waited for then. */
  | { readonly state: 'to-begin'; readonly fields: JsonObject; readonly why: string }
  /** It cannot be begun as it is. */
  | { readonly state: 'refused'; readonly why: string };

/** A kind of consumer: what is looked at of it, and what that means. */
export interface Kind<T = unknown> {
  readonly model: z.ZodType<T>;
  look(object: T, need: Need): Looked;
  /** What it is and how it will go, for a person who asks before anything happens. */
  describe(object: T): string;
}

/** An instant as Kubernetes writes it, in ms since the epoch; `undefined` where the text is none. */
export function instantOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const SECOND_MS = 1_000;

/** The end of the second in which an instant is: Kubernetes keeps most instants without their fractions. */
export function wholeSecondAfter(at: number): number {
  return Math.ceil(at / SECOND_MS) * SECOND_MS;
}

/** As Kubernetes writes instants that have no fraction. */
export function secondsText(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/**
 * When it became through: the instant that is shown, cut to the second as it is, else now. Never before it was needed, nor later than
 * now.
 */
export function throughAt(
  shown: number | undefined,
  { neededAt, now }: Pick<Need, 'neededAt' | 'now'>,
): Progress {
  const until = shown === undefined || shown + SECOND_MS <= neededAt ? now : shown + SECOND_MS - 1;
  return { state: 'through', at: Math.max(neededAt, Math.min(now, until)) };
}
