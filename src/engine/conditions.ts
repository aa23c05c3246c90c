/**
 * What stops mints and is measured rather than noted: how many of a provider's calls are left, and whether this machine's clock is
 * right. Asked at each decision and once more just before a mint is sent; noted down for people, metrics and the accounts
 * that wait for it to pass.
 */
import { isReserveLow, isShort, reserveText } from '../domain/calls-left.ts';
import { skewText } from '../domain/clock-skew.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import { LIMITS } from '../domain/limits.ts';
import type { HoldBoard } from './hold-board.ts';
import type { EngineParts } from './parts.ts';

/** The kinds of holds that come from here, and from nowhere else. */
const MEASURED: readonly HoldKind[] = ['reserve-low', 'clock-skew'];

/** There is one clock, and one hold of all. */
const ALL = 'all';

export interface Conditions {
  /**
   * The holds that are in force for an account of this provider: of those that were noted, the measured ones are replaced by what is
   * measured now.
   */
  inForce(noted: readonly Hold[], provider: string): readonly Hold[];
  /** Until when looks that nothing depends on are put off, in ms since the epoch; `undefined`: they are not. */
  shortUntil(provider: string): number | undefined;
  /** Whether no service has told what time it is, though one may: no slot is used up before. */
  isTimeUnknown(): boolean;
  /** Whether a service has told the time and none that tells disagrees with this machine's clock, or none can tell. */
  isTimeCertain(): boolean;
  /** Asks the provider what time it is. Fails where it does not answer; one that answers without a date is believed not to tell. */
  askTime(provider: string, signal: AbortSignal): Promise<Result<void>>;
  /** Notes down what has changed, for this provider and for all. */
  settle(provider: string): Promise<void>;
}

export function createConditions(given: {
  readonly parts: Pick<EngineParts, 'clock' | 'clocks' | 'connections' | 'telemetry'>;
  readonly sharedHolds: HoldBoard;
}): Conditions {
  const { clock, clocks, connections } = given.parts;
  /** Until then, on the clock that only goes forward, nobody is asked again who did not tell. */
  let untoldUntil = Number.NEGATIVE_INFINITY;
  const measured = (provider: string) => [reserveLow(given, provider), clockSkew(given)];
  const isUnknown = () => clocks.verdict().kind === 'unknown';
  const isTimeUnknown = () => isUnknown() && clock.elapsed() >= untoldUntil;
  return {
    inForce(noted, provider) {
      const others = noted.filter(({ kind }) => !MEASURED.includes(kind));
      return [...others, ...measured(provider).filter((hold) => hold !== undefined)];
    },
    shortUntil(provider) {
      const calls = connections().provider(provider)?.callsLeft();
      return calls !== undefined && isShort(calls) ? calls.renewedAt : undefined;
    },
    isTimeUnknown,
    isTimeCertain: () => !isTimeUnknown() && clockSkew(given) === undefined,
    async askTime(name, signal) {
      const provider = connections().provider(name);
      if (provider === undefined) return failed('not-connected', `the configuration has no provider ${name}`);
      const askedAt = clock.elapsed();
      const answer = await provider.manager({ signal, again: true });
      // A refusal tells the time as well.
      if (!isUnknown()) return succeeded(undefined);
      if (!answer.ok) return answer;
      // It does tell: only how long ago it was that late, nobody knows of so slow an answer.
      const datedAt = clocks.datedAt(`provider ${name}`);
      if (datedAt !== undefined && datedAt >= askedAt) return failed('no-answer', tooSlow(name));
      untoldUntil = clock.elapsed() + LIMITS.clockSeenMs;
      return succeeded(undefined);
    },
    async settle(provider) {
      await settleReserve(given, provider);
      await settleClock(given);
    },
  };
}

function tooSlow(provider: string): string {
  return `${provider} answered too slowly to tell what time it is; it is asked again, and no slot is used up before`;
}

type Given = Parameters<typeof createConditions>[0];

function reserveLow({ parts, sharedHolds }: Given, provider: string): Hold | undefined {
  const calls = parts.connections().provider(provider)?.callsLeft();
  if (calls === undefined || !isReserveLow(calls)) return undefined;
  const { since = parts.clock.now() } = sharedHolds.current('reserve-low', provider) ?? {};
  const reason = reserveText(calls);
  return { kind: 'reserve-low', subject: provider, since, until: calls.renewedAt, by: 'rekeyd', reason };
}

async function settleReserve(given: Given, provider: string): Promise<void> {
  const { sharedHolds } = given;
  const { telemetry } = given.parts;
  const low = reserveLow(given, provider);
  if (low === undefined) {
    const heldMs = await sharedHolds.lift('reserve-low', provider);
    if (heldMs !== undefined) telemetry.event('reserve-enough', { provider, heldMs });
  } else if (await sharedHolds.put(low)) {
    telemetry.event('reserve-low', { provider, untilAt: low.until ?? low.since, message: low.reason });
  }
}

/** Once it is set, only an answer that agrees lifts it: nobody knowing is no agreement. */
function clockSkew({ parts, sharedHolds }: Given): Hold | undefined {
  const known = sharedHolds.current('clock-skew', ALL);
  const verdict = parts.clocks.verdict();
  if (verdict.kind === 'agrees') return undefined;
  if (verdict.kind === 'unknown') return known;
  const now = parts.clock.now();
  const reason = skewText(verdict.services, now);
  return { kind: 'clock-skew', subject: ALL, since: known?.since ?? now, by: 'rekeyd', reason };
}

async function settleClock(given: Given): Promise<void> {
  const { sharedHolds } = given;
  const { telemetry } = given.parts;
  const skew = clockSkew(given);
  if (skew === undefined) {
    const heldMs = await sharedHolds.lift('clock-skew', ALL);
    if (heldMs !== undefined) telemetry.event('clocks-agree', { heldMs });
  } else if (await sharedHolds.put(skew)) {
    telemetry.event('clock-skew', { message: skew.reason });
  }
}
