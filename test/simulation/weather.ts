/** Troubles that come and go: which conditions are in force for a service at an instant. */
import type { Dice } from './dice.ts';
import type { Conditions } from './network.ts';
import { MINUTE_MS } from './plan.ts';
import type { Plan } from './plan.ts';
import { PROVIDER } from './provider.ts';
import type { ServiceTroubles } from './service-troubles.ts';
import type { StoreTroubles } from './store.ts';

type Kind = Conditions & ServiceTroubles & StoreTroubles;

/** For this service, from one instant to another. */
export interface Spell {
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
}

export class Weather {
  readonly spells: Spell[];
  readonly #always: ReadonlyMap<string, Kind>;
  #isCalm = false;

  constructor(spells: Spell[], always: ReadonlyMap<string, Kind>) {
    this.spells = spells;
    this.#always = always;
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.#isCalm = true;
  }

  at(service: string, now: number): Kind {
    if (this.#isCalm) return {};
    const spell = this.spells.find((one) => one.service === service && one.from <= now && now < one.to);
    return spell?.kind ?? this.#always.get(service) ?? {};
  }
}

const PROVIDER_SPELLS: readonly [Kind, ...Kind[]] = [
  { unreachable: 1 },
  { lostGoing: 0.5, lostComing: 0.5 },
  { lostComing: 1 },
  { late: 0.7 },
  { storm: 1 },
  { storm: 0.5 },
  { limited: 1 },
  { ownLimited: 1 },
  { refusesAll: 'accounts' },
  { refusesAll: 'everything' },
  { staleMs: 30_000 },
  { moving: 0.5 },
  { wrong: 0.5 },
  { invalid: 1 },
  { forbids: 1 },
  { forgets: 0.7 },
  { slow: 1 },
];

const STORE_SPELLS: readonly [Kind, ...Kind[]] = [
  { unreachable: 1 },
  { unreachable: 0.5 },
  { lostGoing: 1 },
  { lostComing: 1 },
  { late: 0.5 },
  { storm: 1 },
  { limited: 1 },
  { readOnly: true },
  { ignores: 0.7 },
  { staleMs: 5_000 },
  { slow: 1 },
];

export function drawWeather(dice: Dice, plan: Plan, begin: number): Weather {
  const spells: Spell[] = [...plan.spells];
  const add = (service: string, kind: Kind, minutes: number) => {
    const from = begin + dice.between(0, plan.troubledMs);
    spells.push({ service, from, to: from + minutes * MINUTE_MS, kind });
  };
  const count = Math.ceil(plan.roughness * 6);
  for (let left = count; left > 0; left--)
    add(PROVIDER, dice.pick(PROVIDER_SPELLS), dice.pick([1, 5, 15, 60]));
  for (const { name } of plan.stores) {
    for (let left = count; left > 0; left -= 2) add(name, dice.pick(STORE_SPELLS), dice.pick([1, 5, 15, 40]));
  }
  if (dice.chance(plan.roughness)) add('journal', { slow: 1 }, 10);
  const rate = plan.roughness * 0.03;
  const network = { unreachable: rate, lostGoing: rate, lostComing: rate, storm: rate, late: rate / 2 };
  const provider = { ...network, limited: rate, wrong: rate / 3, invalid: rate, moving: rate };
  return new Weather(
    spells,
    new Map<string, Kind>([
      [PROVIDER, provider],
      ['files', network],
      ['aws', { ...network, ignores: rate / 3 }],
    ]),
  );
}
