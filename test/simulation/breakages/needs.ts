/** Mistakes in the table of needs: a mint without a proof, or with one that is too old, of somebody else, or none. */
import { succeeded } from '../../../src/domain/failure.ts';
import type { Result } from '../../../src/domain/failure.ts';
import { MINT_NEEDS } from '../../../src/domain/needs.ts';
import type { Sighting } from '../../../src/ports/provider.ts';
import type { Stored } from '../../../src/ports/store.ts';
import { onProvider, onProviderOf, onStore, patched } from './mistake.ts';
import type { Mistake } from './mistake.ts';

/** The row counts as met, whatever was seen. */
export function unasked(need: string): Mistake['make'] {
  return () => ({
    patch() {
      const row = MINT_NEEDS.find((one) => one.need === need);
      if (row === undefined) throw new Error(`there is no need called ${need}`);
      return patched(row, { missing: () => false });
    },
  });
}

export const NEED_MISTAKES: readonly Mistake[] = [
  {
    name: 'whose the manager credential is does not matter',
    rows: ["need not the manager's own account"],
    breaks: 3,
    says: /whose the manager credential is was not asked/,
    make: unasked("not the manager's own account"),
  },
  {
    name: 'whose the manager credential is, is not asked',
    rows: ["need not the manager's own account"],
    breaks: 3,
    says: /whose the manager credential is was not asked/,
    make: onProvider(() => ({
      manager: () => Promise.resolve(succeeded({ accountId: 'somebody', fingerprint: '00', role: 'admin' })),
    })),
  },
  {
    name: 'whose the manager credential is, is answered with somebody else',
    rows: ["need not the manager's own account"],
    breaks: 3,
    says: /it is the manager's own account/,
    make: onProvider((provider) => ({
      manager: async (options) => {
        const answer = await provider.manager(options);
        return answer.ok ? succeeded({ ...answer.value, accountId: 'somebody' }) : answer;
      },
    })),
  },
  {
    name: 'what the targets hold does not matter',
    rows: ['need every target read'],
    breaks: 3,
    says: /was not read/,
    make: unasked('every target read'),
  },
  {
    name: 'a target is read once, and then remembered',
    rows: ['need every target read'],
    breaks: 3,
    says: /was not read/,
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
    rows: ['need required targets writable'],
    breaks: 3,
    says: /no preflight of/,
    make: onStore(() => ({
      preflight: () => Promise.resolve(succeeded({ identity: 'writer-1', wrote: true })),
    })),
  },
  {
    name: 'a real write proves for a year that another will succeed',
    rows: ['need a real write to required targets by this identity', 'limit proofMaxAge'],
    breaks: 3,
    says: /no real write to/,
    make: onStore((store) => ({ abilities: { ...store.abilities, proofMaxAgeMs: 31_536_000_000 } })),
  },
  {
    name: 'a look at permissions counts as a real write',
    rows: ['need a real write to required targets by this identity'],
    breaks: 3,
    says: /no real write to/,
    make: onStore((store) => ({
      preflight: async (place, options) => {
        const answer = await store.preflight(place, { ...options, realWrite: false });
        return answer.ok ? succeeded({ ...answer.value, wrote: true }) : answer;
      },
    })),
  },
  {
    name: 'a real write by another identity counts as one by this',
    rows: ['need a real write to required targets by this identity'],
    breaks: 3,
    says: /no real write to .* by this identity/,
    make: onStore((store) => ({
      preflight: async (place, options) => {
        const answer = await store.preflight(place, options);
        return answer.ok ? succeeded({ ...answer.value, identity: 'anybody' }) : answer;
      },
    })),
  },
  {
    name: 'how the account is does not matter',
    rows: ['need account open, pre-image seen'],
    breaks: 3,
    says: /the account was (not )?seen/,
    make: unasked('account open, pre-image seen'),
  },
  {
    name: 'a look at an account is kept for five minutes and told with the present time',
    rows: ['need account open, pre-image seen'],
    breaks: 3,
    says: /the account was not seen/,
    make: () => {
      const seen = new Map<string, Result<Sighting>>();
      return onProviderOf((provider, { clock, settings }) => ({
        observe: async (accounts, options) => {
          const requestedAt = clock.now();
          const key = `${settings.holder} ${Math.floor(requestedAt / 300_000)} ${JSON.stringify(accounts)}`;
          const known = seen.get(key);
          if (known?.ok === true) return succeeded({ ...known.value, requestedAt });
          const answer = await provider.observe(accounts, options);
          seen.set(key, answer);
          return answer;
        },
      }))();
    },
  },
];
