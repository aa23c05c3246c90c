/** History as the port gives it, and its pruning in pieces. */
import type { Journal } from '../ports/journal.ts';
import type { Run } from './journal.ts';
import { factOf, rotationOf, stepOf } from './rows.ts';

/** Reads and prunes rotations and facts. */
export function history(run: Run): Pick<Journal, 'rotations' | 'rotation' | 'facts' | 'prune'> {
  return {
    async rotations({ account, after, limit }) {
      const rows = await run('rotations', { account, before: after, limit: limit + 1 });
      const items = rows.slice(0, limit).map(rotationOf);
      const next = rows.length > limit ? items.at(-1)?.id : undefined;
      return next === undefined ? { items } : { items, next };
    },
    async rotation(id) {
      const found = await run('rotation', { id });
      if (found === undefined) return undefined;
      return {
        rotation: rotationOf(found.rotation),
        steps: found.steps.map(stepOf),
        facts: found.facts.map(factOf),
      };
    },
    async facts({ account, after, limit }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const rows = await run('facts', { account, before, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const items = page.map(({ body }) => factOf(body));
      const next = rows.length > limit ? page.at(-1)?.version : undefined;
      return next === undefined ? { items } : { items, next: String(next) };
    },
    async prune({ now, before, requestsBefore, callsBefore }) {
      const facts = await repeat(() => run('pruneFacts', { before, now }));
      const rotations = await repeat(() => run('pruneRotations', { before }));
      await repeat(() => run('pruneRequests', { before: requestsBefore }));
      await run('dropCalls', { day: callsBefore });
      return { facts, rotations };
    },
  };
}

/** Drops piece after piece until there is nothing left to drop. Answers how many were dropped. */
async function repeat(dropPiece: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const dropped = await dropPiece();
    if (dropped === 0) return sum;
    sum += dropped;
  }
}
