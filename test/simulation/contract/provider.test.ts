// The providers' contract, on the simulated provider, with tokens that it shows and with tokens that it hides.

import { Secret } from '../../../src/domain/secret.ts';
import { createServiceClocks } from '../../../src/engine/service-clocks.ts';
import type { AccountRef } from '../../../src/ports/provider.ts';
import { providerContract } from '../../contract/provider-contract.ts';
import type { MintBreak, ProviderWorld } from '../../contract/provider-world.ts';
import type { Conditions } from '../network.ts';
import { credentialOf } from '../credentials.ts';
import { providerFor } from '../provider.ts';
import type { ServiceTroubles } from '../service-troubles.ts';
import type { World } from '../world.ts';
import { calmWorld, played } from './playing.ts';

function breaksOf(world: World): Readonly<Record<string, MintBreak>> {
  const way = (
    want: MintBreak['want'],
    conditions: Conditions,
    more: Partial<MintBreak> = {},
  ): MintBreak => ({
    want,
    mints: false,
    make: () => {
      world.conditions = () => conditions;
    },
    ...more,
  });
  const service = (want: MintBreak['want'], troubles: ServiceTroubles): MintBreak => ({
    want,
    mints: false,
    make: () => {
      world.troubles = () => troubles;
    },
  });
  return {
    'no connection': way('not-connected', { unreachable: 1 }, { received: 0 }),
    'a lost request': way('no-answer', { lostGoing: 1 }, { received: 0 }),
    'a lost answer': way('no-answer', { lostComing: 1 }, { mints: true }),
    'too many requests': way('rate-limited', { limited: 1 }, { received: 0 }),
    'an answer without a token': service('answer-invalid', { invalid: 2 }),
    'a refused manager credential': service('credential-refused', { refusesAll: 'everything' }),
    'no permission': service('not-allowed', { forbids: 1 }),
    'no such account': service('not-found', { forgets: 1 }),
  };
}

const BREAKS = Object.keys(breaksOf(calmWorld(() => true).world));

function makeWorld(showsLive: boolean): ProviderWorld {
  const { world, host } = calmWorld((plan) => plan.showsLive === showsLive && plan.quota === undefined);
  const { service, timeline, trace } = world;
  const clocks = createServiceClocks(host.clock);
  const refOf = (accountId: string): AccountRef => ({ organisation: '', accountId });
  const closed = world.newAccount();
  service.change(closed, { open: false });
  return {
    provider: played(providerFor(world, host, clocks), timeline),
    showsLive,
    managerId: world.managerId,
    open: refOf(world.newAccount()),
    other: refOf(world.newAccount()),
    closed: refOf(closed),
    absent: refOf('nobody'),
    live({ accountId }) {
      const live = service.stateOf(accountId)?.live;
      return live === undefined
        ? Promise.reject(new Error(`there is no account ${accountId}`))
        : Promise.resolve(credentialOf(live));
    },
    stranger: () => Promise.resolve({ kind: 'token', token: new Secret('nobody was given this') }),
    received: () => trace.lines.filter((line) => /provider +mint for \S+ for tester/.test(line)).length,
    calls: () => trace.lines.filter((line) => /provider +look at .+ for tester/.test(line)).length,
    breaks: breaksOf(world),
    hang() {
      world.conditions = () => ({ lostComing: 1 });
      const taken = Promise.withResolvers<void>();
      const regenerate = service.regenerate.bind(service);
      service.regenerate = (id, by) => {
        taken.resolve();
        return regenerate(id, by);
      };
      return { taken: taken.promise };
    },
    managerText: world.managerToken.text,
    quiet: () => Promise.resolve(),
    cleanup: () => Promise.resolve(),
  };
}

for (const [how, showsLive] of [
  ['shows', true],
  ['hides', false],
] as const) {
  providerContract(
    `simulated, which ${how} live tokens`,
    () => Promise.resolve(makeWorld(showsLive)),
    BREAKS,
  );
}
