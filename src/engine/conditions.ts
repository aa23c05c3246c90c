/**
 * What stops mints and is measured rather than noted: how many of a provider's calls are left. Asked at each decision and once
 * more just before a mint is sent; noted down for people, metrics and the accounts that wait for it to pass.
 */
import { isReserveLow, isShort } from '../domain/calls-left.ts';
import type { CallsLeft } from '../domain/calls-left.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import type { HoldBoard } from './hold-board.ts';
import type { EngineParts } from './parts.ts';

/** The kinds of holds that come from here, and from nowhere else. */
const MEASURED: readonly HoldKind[] = ['reserve-low'];

export interface Conditions {
  /**
   * The holds that are in force for an account of this provider: of those that were noted, the measured ones are replaced by what is
   * measured now.
   */
  inForce(noted: readonly Hold[], provider: string): readonly Hold[];
  /** Until when looks that nothing depends on are put off, in ms since the epoch; `undefined`: they are not. */
  shortUntil(provider: string): number | undefined;
  /** Notes down what has changed for this provider. */
  settle(provider: string): Promise<void>;
}

export function createConditions({
  parts,
  sharedHolds,
}: {
  readonly parts: Pick<EngineParts, 'clock' | 'connections' | 'telemetry'>;
  readonly sharedHolds: HoldBoard;
}): Conditions {
  const { clock, connections, telemetry } = parts;
  const callsOf = (provider: string) => connections().provider(provider)?.callsLeft();

  function reserveLow(provider: string): Hold | undefined {
    const calls = callsOf(provider);
    if (calls === undefined || !isReserveLow(calls)) return undefined;
    const { since = clock.now() } = sharedHolds.current('reserve-low', provider) ?? {};
    const reason = reserveText(calls);
    return { kind: 'reserve-low', subject: provider, since, until: calls.renewedAt, by: 'rekeyd', reason };
  }

  return {
    inForce(noted, provider) {
      const measured = reserveLow(provider);
      const others = noted.filter(({ kind }) => !MEASURED.includes(kind));
      return measured === undefined ? others : [...others, measured];
    },
    shortUntil(provider) {
      const calls = callsOf(provider);
      return calls !== undefined && isShort(calls) ? calls.renewedAt : undefined;
    },
    async settle(provider) {
      const low = reserveLow(provider);
      if (low === undefined) {
        const heldMs = await sharedHolds.lift('reserve-low', provider);
        if (heldMs !== undefined) telemetry.event('reserve-enough', { provider, heldMs });
      } else if (await sharedHolds.put(low)) {
        telemetry.event('reserve-low', { provider, untilAt: low.until ?? 0, message: low.reason });
      }
    },
  };
}

function reserveText({ left, limit, reserve, renewedAt }: CallsLeft): string {
  const renewed = new Date(renewedAt).toISOString();
  return (
    `${left} of the day's ${limit} calls are left, and ${reserve} are kept for recovery (reserve); nothing is ` +
    `minted until there are more, at ${renewed} or when the provider takes calls again`
  );
}
