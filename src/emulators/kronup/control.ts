/** What the control path of this emulator does and shows. It never shows a token. */
import { fingerprintOf } from '../../domain/credential.ts';
import { Secret } from '../../domain/secret.ts';
import type { ControlOptions } from '../control.ts';
import type { FaultBook } from '../faults.ts';
import type { Witness } from '../witness.ts';
import type { ChangedEvent } from './events.ts';
import { kronupFault, ruleOf } from './fault.ts';
import type { KronupFault, KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import type { Person } from './person.ts';
import type { ServiceAccount } from './service-account.ts';

export function controlOf(parts: {
  readonly memory: Memory;
  readonly witness: Witness<ChangedEvent>;
  readonly faults: FaultBook<KronupFaultRule>;
  readonly person: Person;
}): ControlOptions<KronupFault> {
  const { memory, witness, faults, person } = parts;
  const { organisation, manager } = memory;
  const deeds = ['regenerate', 'close', 'reopen', 'remove'] as const satisfies readonly (keyof Person)[];
  return {
    schema: kronupFault,
    faults: {
      add: (fault) => faults.add(ruleOf(fault, memory)),
      list: () => faults.list(),
      lift: (id) => faults.lift(id),
      liftAll: () => faults.liftAll(),
    },
    deeds: Object.fromEntries(
      deeds.map((deed) => [`accounts/:accountId/${deed}`, (id: string) => person[deed](id)]),
    ),
    unknown: (id) => (organisation.find(id) === undefined ? `there is no account ${id}` : undefined),
    state(asked) {
      const isAsked = (id: string | undefined) => asked === undefined || id === asked;
      return {
        organisation: organisation.id,
        manager: manager.id,
        accounts: organisation.accounts.filter(({ id }) => isAsked(id)).map(shownAccount),
        calls: [...witness.counts].filter((count) => isAsked(count.accountId)),
        faults: faults.list(),
      };
    },
  };
}

function shownAccount(account: ServiceAccount): object {
  const { id, name, role, closedAt, generation, issuedAt, mints, token } = account;
  return {
    id,
    name,
    role,
    closed: closedAt !== 0,
    generation,
    mints,
    issuedAt,
    // Not signed yet, it has none.
    ...(token === undefined
      ? {}
      : { fingerprint: fingerprintOf({ kind: 'token', token: new Secret(token) }) }),
  };
}
