/** Mistakes about who may act, what is durable before it, what is told of it, and when it ends. */
import { failed } from '../../../src/domain/failure.ts';
import type { Request } from '../../../src/ports/journal.ts';
import { onClaims, onJournal, onProvider, onProviderOf, onStore, textOf } from './mistake.ts';
import type { Mistake } from './mistake.ts';

const DURABILITY: readonly Mistake[] = [
  {
    name: 'a commit of an intent is answered before it is durable',
    rows: [],
    breaks: 6,
    says: /without a durable intent/,
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
    rows: [],
    breaks: 6,
    says: /without a durable intent/,
    make: onJournal((journal) => ({
      commit: (given) =>
        given.facts.some(({ kind }) => kind === 'mint-intended')
          ? Promise.resolve({ outcome: 'committed', shared: { holds: [] } })
          : journal.commit(given),
    })),
  },
];

const FENCES: readonly Mistake[] = [
  {
    name: 'a holder that was replaced is told that its commit was taken',
    rows: [],
    breaks: 7,
    says: /which it does not hold/,
    // What it rests on was never committed.
    alone: true,
    make: onJournal((journal) => ({
      commit: async (given) => {
        const outcome = await journal.commit(given);
        return outcome.outcome === 'stale' ? { outcome: 'committed', shared: { holds: [] } } : outcome;
      },
      renew: ({ claims }) => Promise.resolve(claims.map(({ account }) => account)),
    })),
  },
  {
    name: 'a document is written whatever others wrote into it meanwhile',
    rows: [],
    breaks: 7,
    says: /wrote over what others keep/,
    make: onStore((store) => ({
      write: (place, bytes, { ifVersion: _, ...options }) => store.write(place, bytes, options),
    })),
  },
];

const SECRECY: readonly Mistake[] = [
  {
    name: 'the failure of a try quotes the token',
    rows: [],
    breaks: 8,
    says: /a credential is in/,
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
    rows: [],
    breaks: 8,
    says: /a credential is in/,
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

const REQUESTS: readonly Mistake[] = [
  {
    name: 'a journal forgets that a request was taken',
    rows: [],
    breaks: 9,
    says: /became part of the rotations/,
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

const STOPPING: readonly Mistake[] = [
  {
    name: 'a mint that waits for its turn is sent although the daemon is stopping',
    rows: [],
    breaks: 10,
    says: /after SIGTERM/,
    // It waits for so long that what it rests on is old as well.
    alone: true,
    make: onProviderOf((provider, { clock }) => ({
      mint: async (account, { maySend: _, ...options }) => {
        await clock.sleep(60_000);
        return provider.mint(account, options);
      },
    })),
  },
];

export const HOLDER_MISTAKES: readonly Mistake[] = [
  ...DURABILITY,
  ...FENCES,
  ...SECRECY,
  ...REQUESTS,
  ...STOPPING,
];
