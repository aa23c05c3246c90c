/** Mistakes that an engine or an adapter could make, each as a wrapped port: the simulation has to find every one of them. */
import type { Credential } from '../../src/domain/credential.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { Result } from '../../src/domain/failure.ts';
import type { HoldKind } from '../../src/domain/hold.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import type { Claim, Journal, Request, Shared } from '../../src/ports/journal.ts';
import type { Provider, SeenAccount, Sighting } from '../../src/ports/provider.ts';
import type { Store, Stored } from '../../src/ports/store.ts';
import type { Breakage } from './breakage.ts';
import { overlay } from './overlay.ts';
import type { Invariant } from './watch/verdicts.ts';

export interface Mistake {
  /** What is wrong, as a sentence. */
  readonly name: string;
  /** The invariant that it breaks first. */
  readonly breaks: Invariant;
  /** What the verdict says. */
  readonly says: RegExp;
  /** Seeds within which it must be found. */
  readonly seeds: number;
  /** The port, broken anew for each history. */
  readonly make: () => Breakage;
}

/** Each is found within 11 seeds as the histories are drawn now; a change to them draws others. */
const SEEDS = 200;

const onProvider = (wrap: (provider: Provider) => Partial<Provider>) => (): Breakage => ({
  provider: (provider) => overlay(provider, wrap(provider)),
});
const onStore = (wrap: (store: Store) => Partial<Store>) => (): Breakage => ({
  store: (store) => overlay(store, wrap(store)),
});
const onJournal = (wrap: (journal: Journal) => Partial<Journal>) => (): Breakage => ({
  journal: (journal) => overlay(journal, wrap(journal)),
});

/** Claims are handed out changed. */
const onClaims = (change: (claim: Claim) => Claim) =>
  onJournal((journal) => ({ claim: async (given) => (await journal.claim(given)).map(change) }));

/** Records are given back without something that they had. */
const onRecords = (change: (record: AccountRecord) => AccountRecord) =>
  onClaims((claim) => ({ ...claim, record: change(claim.record) }));

/** What is shared is given back without holds of this kind. */
function withoutHolds(kind: HoldKind): () => Breakage {
  const without = ({ holds }: Shared): Shared => ({ holds: holds.filter((hold) => hold.kind !== kind) });
  return onJournal((journal) => ({
    claim: async (given) =>
      (await journal.claim(given)).map((claim) => ({ ...claim, shared: without(claim.shared) })),
    commit: async (given) => {
      const outcome = await journal.commit(given);
      return outcome.outcome === 'stale' ? outcome : { ...outcome, shared: without(outcome.shared) };
    },
    shared: async () => without(await journal.shared()),
  }));
}

function textOf(credential: Credential): string {
  return credential.kind === 'token' ? credential.token.reveal() : credential.clientSecret.reveal();
}

/** What is shown of each account is changed on the way. */
const onSight = (change: (seen: SeenAccount, id: string) => SeenAccount) =>
  onProvider((provider) => ({
    observe: async (accounts, options) => {
      const answer = await provider.observe(accounts, options);
      if (!answer.ok) return answer;
      const changed = [...answer.value.accounts].map(([id, seen]) => [id, change(seen, id)] as const);
      return succeeded({ ...answer.value, accounts: new Map(changed) });
    },
  }));

const delivering: readonly Mistake[] = [
  {
    name: 'a store keeps what is written to itself, and reads it back from there',
    breaks: 1,
    says: /holds/,
    seeds: SEEDS,
    make: onStore((store) => {
      const written = new Map<string, Stored>();
      return {
        write: (place, bytes, { writeToken }) => {
          written.set(place.address, { state: 'present', bytes, version: writeToken });
          return Promise.resolve(succeeded({ outcome: 'written', version: writeToken }));
        },
        read: async (place, options) => {
          const answer = await store.read(place, options);
          const kept = written.get(place.address);
          return answer.ok && kept !== undefined ? succeeded(kept) : answer;
        },
      };
    }),
  },
  {
    name: 'a look at the provider shows the token that was live at first for ever',
    breaks: 1,
    says: /nothing was minted/,
    seeds: SEEDS,
    make() {
      const first = new Map<string, Credential>();
      return onSight((seen, id) => {
        if (seen.live === undefined) return seen;
        const live = first.get(id) ?? seen.live;
        first.set(id, live);
        return { ...seen, live };
      })();
    },
  },
];

const mintingTwice: readonly Mistake[] = [
  {
    name: 'a mint whose answer was lost counts as one that was never sent',
    breaks: 2,
    says: /again, and nothing shows/,
    seeds: SEEDS,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        return !answer.ok && answer.failure.kind === 'no-answer'
          ? failed('not-connected', 'no connection')
          : answer;
      },
    })),
  },
  {
    name: 'an answer to a mint that cannot be read counts as a refusal',
    breaks: 2,
    says: /again, and nothing shows/,
    seeds: SEEDS,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        return !answer.ok && answer.failure.kind === 'answer-invalid'
          ? failed('not-connected', 'it cannot be read')
          : answer;
      },
    })),
  },
  {
    name: 'a journal forgets an intent whose outcome is not known',
    breaks: 2,
    says: /again, and nothing shows/,
    seeds: SEEDS,
    make: onRecords((record) => {
      const { rotation } = record;
      if (rotation?.intent === undefined) return record;
      const { intent: _, ...rest } = rotation;
      return { ...record, rotation: rest };
    }),
  },
  {
    name: 'a journal forgets the newest slots that were run',
    breaks: 2,
    says: /the slot .* is minted for again/,
    seeds: SEEDS,
    make: onRecords((record) =>
      record.slot === undefined ? record : { ...record, slot: record.slot - 3_600_000 },
    ),
  },
];

const needs: readonly Mistake[] = [
  {
    name: 'a look at an account is kept for five minutes and told with the present time',
    breaks: 3,
    says: /the account was not seen/,
    seeds: SEEDS,
    make: () => {
      const seen = new Map<string, Result<Sighting>>();
      return {
        parts: (parts) => {
          const connections = parts.connections();
          const provider = (name: string) => {
            const real = connections.provider(name);
            return (
              real &&
              overlay(real, {
                observe: async (accounts, options) => {
                  const requestedAt = parts.clock.now();
                  const key = `${parts.settings.holder} ${Math.floor(requestedAt / 300_000)} ${JSON.stringify(accounts)}`;
                  const known = seen.get(key);
                  if (known?.ok === true) return succeeded({ ...known.value, requestedAt });
                  const answer = await real.observe(accounts, options);
                  seen.set(key, answer);
                  return answer;
                },
              })
            );
          };
          return { ...parts, connections: () => ({ ...connections, provider }) };
        },
      };
    },
  },
  {
    name: 'whose the manager credential is, is not asked',
    breaks: 3,
    says: /whose the manager credential is was not asked/,
    seeds: SEEDS,
    make: onProvider(() => ({
      manager: () => Promise.resolve(succeeded({ accountId: 'somebody', fingerprint: '00', role: 'admin' })),
    })),
  },
  {
    name: 'a target is read once, and then remembered',
    breaks: 3,
    says: /was not read/,
    seeds: SEEDS,
    make: onStore((store) => {
      const known = new Map<string, Result<Stored>>();
      return {
        read: async (place, options) => {
          const answer = known.get(place.address) ?? (await store.read(place, options));
          known.set(place.address, answer);
          return answer;
        },
      };
    }),
  },
  {
    name: 'whether a target can be written is answered without asking',
    breaks: 3,
    says: /no preflight of/,
    seeds: SEEDS,
    make: onStore(() => ({
      preflight: () => Promise.resolve(succeeded({ identity: 'writer-1', wrote: true })),
    })),
  },
  {
    name: 'a look at permissions counts as a real write',
    breaks: 3,
    says: /no real write to/,
    seeds: SEEDS,
    make: onStore((store) => ({
      preflight: async (place, options) => {
        const answer = await store.preflight(place, { ...options, realWrite: false });
        return answer.ok ? succeeded({ ...answer.value, wrote: true }) : answer;
      },
    })),
  },
];

const holds: readonly Mistake[] = [
  {
    name: 'a journal forgets that a provider is frozen',
    breaks: 3,
    says: /held: .*frozen/,
    seeds: SEEDS,
    make: withoutHolds('frozen'),
  },
];

const closed: readonly Mistake[] = [
  {
    // The mint is found before its effect, which would break 4.
    name: 'a closed account is shown as open',
    breaks: 3,
    says: /the account was seen closed/,
    seeds: SEEDS,
    make() {
      const last = new Map<string, SeenAccount>();
      return onSight((seen, id) => {
        if (seen.state === 'open') last.set(id, seen);
        return seen.state === 'closed' ? (last.get(id) ?? { state: 'open', certain: true }) : seen;
      })();
    },
  },
];

const durability: readonly Mistake[] = [
  {
    name: 'a commit of an intent is answered before it is durable',
    breaks: 6,
    says: /without a durable intent/,
    seeds: SEEDS,
    make: onJournal((journal) => ({
      commit: (given) => {
        const done = journal.commit(given);
        if (!given.facts.some(({ kind }) => kind === 'mint-intended')) return done;
        done.catch(() => undefined);
        return Promise.resolve({ outcome: 'committed', shared: { holds: [] } });
      },
    })),
  },
  {
    name: 'an intent is not committed at all',
    breaks: 6,
    says: /without a durable intent/,
    seeds: SEEDS,
    make: onJournal((journal) => ({
      commit: (given) =>
        given.facts.some(({ kind }) => kind === 'mint-intended')
          ? Promise.resolve({ outcome: 'committed', shared: { holds: [] } })
          : journal.commit(given),
    })),
  },
];

const secrecy: readonly Mistake[] = [
  {
    name: 'the failure of a try quotes the token',
    breaks: 8,
    says: /a credential is in/,
    seeds: SEEDS,
    make: onProvider((provider) => ({
      prove: async (credential, options) => {
        const answer = await provider.prove(credential, options);
        if (answer.ok) return answer;
        const { kind, message, ...more } = answer.failure;
        return failed(kind, `${message}: ${textOf(credential)}`, more);
      },
    })),
  },
  {
    name: 'the failure of a write quotes the bytes in base64',
    breaks: 8,
    says: /a credential is in/,
    seeds: SEEDS,
    make: onStore((store) => ({
      write: async (place, bytes, options) => {
        const answer = await store.write(place, bytes, options);
        if (answer.ok) return answer;
        const { kind, message, ...more } = answer.failure;
        const text = Buffer.from(bytes.revealText() ?? '').toString('base64');
        return failed(kind, `${message}: ${text}`, more);
      },
    })),
  },
];

const requests: readonly Mistake[] = [
  {
    name: 'a journal forgets that a request was taken',
    breaks: 9,
    says: /became part of the rotations/,
    seeds: SEEDS,
    make() {
      const handedOut = new Map<string, Request>();
      return onClaims((claim) => {
        for (const request of claim.requests) handedOut.set(request.id, request);
        const again = [...handedOut.values()].filter(({ account }) => account === claim.id);
        return { ...claim, requests: again };
      })();
    },
  },
];

export const MISTAKES: readonly Mistake[] = [
  ...delivering,
  ...mintingTwice,
  ...needs,
  ...holds,
  ...closed,
  ...durability,
  ...secrecy,
  ...requests,
];
