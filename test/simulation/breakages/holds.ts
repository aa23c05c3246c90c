/** Mistakes in the table of holds: what stops something does not stop it, or is forgotten. */
import { HOLDS } from '../../../src/domain/hold.ts';
import type { HoldKind } from '../../../src/domain/hold.ts';
import { MINT_NEEDS } from '../../../src/domain/needs.ts';
import type { SeenAccount } from '../../../src/ports/provider.ts';
import type { Breakage } from '../breakage.ts';
import { overlay } from '../overlay.ts';
import { onProvider, onRecords, onSight, onTable, onTargets, patched, withoutHolds } from './mistake.ts';
import type { Mistake } from './mistake.ts';

/** A hold that stops nothing. */
const stopsNothing = (kind: HoldKind) => onTable(HOLDS[kind], { stops: [] });

export function idle(kind: HoldKind, says = new RegExp(`minted for .* held: .*${kind}`)): Mistake {
  return {
    name: `the hold ${kind} stops no mint`,
    rows: [`hold ${kind}`],
    breaks: 3,
    says,
    make: stopsNothing(kind),
  };
}

const NO_REST = /no rest after/;

/** A closed account is held by the table of holds, and by that of needs. */
function closedIsFine(): Breakage {
  return {
    patch() {
      const stack = new DisposableStack();
      stack.use(patched(HOLDS.closed, { stops: [] }));
      for (const need of MINT_NEEDS.filter(({ by }) => by === 'account')) {
        const missing: typeof need.missing = ({ seen }) => seen.account === undefined;
        stack.use(patched(need, { missing }));
      }
      return stack;
    },
  };
}

export const HOLD_MISTAKES: readonly Mistake[] = [
  idle('own-account', /it is the manager's own account/),
  idle('foreign'),
  idle('mismatched'),
  idle('contested'),
  idle('reserve-low'),
  idle('too-soon'),
  { ...idle('many-old'), strategy: 'overlap' },
  idle('parked'),
  idle('frozen'),
  idle('paused'),
  idle('deny-window'),
  idle('many-refused'),
  // Whoever mints asks by whose leave once more, and again and again where that is refused.
  { ...idle('refused-limit', NO_REST), breaks: 'run' },
  { ...idle('undecided', NO_REST), breaks: 'run', strategy: 'pair' },
  {
    name: 'every clock is taken for right',
    rows: ['hold clock-skew'],
    breaks: 3,
    says: /held: .*clock-skew/,
    make: () => ({
      parts: (parts) => ({
        ...parts,
        clocks: overlay(parts.clocks, { verdict: () => ({ kind: 'agrees' }) }),
      }),
    }),
  },
  {
    name: 'a closed account may be minted for',
    rows: ['hold closed'],
    breaks: 3,
    says: /the account was seen closed/,
    make: closedIsFine,
  },
  {
    name: 'a closed account is opened again by a mint',
    rows: ['hold closed'],
    breaks: 4,
    // That it was minted for although it was closed is found first.
    alone: true,
    says: /re-opened .*, which it had just seen closed/,
    make: closedIsFine,
  },

  {
    name: 'a closed account is shown as open',
    rows: ['hold closed', 'need account open, pre-image seen'],
    breaks: 3,
    says: /the account was seen closed/,
    make() {
      const last = new Map<string, SeenAccount>();
      return onSight((seen, id) => {
        if (seen.state === 'open') last.set(id, seen);
        return seen.state === 'closed' ? (last.get(id) ?? { state: 'open', certain: true }) : seen;
      })();
    },
  },
  {
    name: 'a store that is down is forgotten',
    rows: ['hold store-down'],
    breaks: 3,
    says: /held: .*store-down/,
    make: withoutHolds('store-down'),
  },
  {
    name: 'a manager credential that is refused is forgotten',
    rows: ['hold manager-refused', 'failure credential-refused'],
    breaks: 3,
    says: /held: .*manager-refused/,
    make: withoutHolds('manager-refused'),
  },
  {
    name: 'a journal forgets that a provider is frozen',
    rows: ['hold frozen'],
    breaks: 3,
    says: /minted for .* held: .*frozen/,
    make: withoutHolds('frozen'),
  },
  {
    name: 'a journal forgets that an account is paused',
    rows: ['hold paused'],
    breaks: 3,
    says: /held: .*paused/,
    make: onRecords(({ paused: _, ...record }) => record),
  },
  {
    name: 'a journal forgets that an account is parked',
    rows: ['hold parked'],
    breaks: 3,
    says: /held: .*parked/,
    make: onRecords(({ parked: _, ...record }) => record),
  },
  {
    name: 'a journal forgets that an account is mismatched',
    rows: ['hold mismatched'],
    breaks: 3,
    says: /held: .*mismatched/,
    make: onRecords(({ mismatched: _, ...record }) => record),
  },
  {
    name: 'a journal forgets that a target is contested',
    rows: ['hold contested'],
    breaks: 3,
    says: /held: .*contested/,
    make: onTargets(({ contested: _, overwritten: _old, ...target }) => target),
  },
  {
    name: 'a journal takes every target for accepted',
    rows: ['hold foreign'],
    breaks: 3,
    says: /held: .*foreign/,
    make: onTargets(({ foreign: _, ...target }) => ({ ...target, accepted: true })),
  },
  {
    name: 'calls are not counted',
    rows: ['hold reserve-low', 'limit reserve'],
    breaks: 3,
    says: /held: .*reserve-low/,
    make: onProvider(() => ({ callsLeft: () => undefined })),
  },
  {
    name: 'an account that is paused is healed',
    rows: ['hold paused'],
    breaks: 3,
    says: /wrote to .* held: .*paused/,
    make: onTable(HOLDS.paused, { stops: ['unasked-mint'] }),
  },
];
