/** What the control path of this emulator does and shows. It never shows a secret. */
import { fingerprintOf } from '../../domain/credential.ts';
import { Secret } from '../../domain/secret.ts';
import type { ControlOptions } from '../control.ts';
import type { FaultBook } from '../faults.ts';
import type { Witness } from '../witness.ts';
import { keycardFault, ruleOf } from './fault.ts';
import type { KeycardFault, KeycardFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import type { Credential, ServiceAccount } from './model.ts';
import type { Change } from './organisation.ts';
import type { Person } from './person.ts';

export function controlOf(parts: {
  readonly memory: Memory;
  readonly witness: Witness<Change>;
  readonly faults: FaultBook<KeycardFaultRule>;
  readonly person: Person;
}): ControlOptions<KeycardFault> {
  const { memory, witness, faults, person } = parts;
  const { organisation, manager } = memory;
  return {
    schema: keycardFault,
    faults: {
      add: (fault) => faults.add(ruleOf(fault, memory)),
      list: () => faults.list(),
      lift: (id) => faults.lift(id),
      liftAll: () => faults.liftAll(),
    },
    deeds: {
      'accounts/:accountId/mint': async (id) => void (await person.mint(id)),
      'accounts/:accountId/delete': (id) => person.deleteAccount(id),
      'credentials/:credentialId/delete': (id) => person.deleteCredential(id),
    },
    unknown: (id) =>
      (organisation.account(id) ?? organisation.credential(id))
        ? undefined
        : `there is no account or credential ${id}`,
    state(asked) {
      const isAsked = (id: string | undefined) => asked === undefined || id === asked;
      return {
        organisation: organisation.id,
        manager: manager.id,
        accounts: organisation.accounts
          .filter(({ id }) => isAsked(id))
          .map((account) => shownAccount(memory, account)),
        calls: [...witness.counts].filter((count) => isAsked(count.accountId)),
        faults: faults.list(),
      };
    },
  };
}

function shownAccount({ organisation, keys }: Memory, { id, name, description }: ServiceAccount): object {
  const credentials = organisation.credentialsOf(id);
  return {
    id,
    name,
    ...(description === undefined ? {} : { description }),
    credentials: credentials.map((credential) => shownCredential(credential, keys.secretOf(credential.id))),
  };
}

function shownCredential({ id, name, clientId, createdAt, lastUsedAt }: Credential, secret: string): object {
  const fingerprint = fingerprintOf({ kind: 'client', clientId, clientSecret: new Secret(secret) });
  return { id, name, clientId, createdAt, ...(lastUsedAt === undefined ? {} : { lastUsedAt }), fingerprint };
}
