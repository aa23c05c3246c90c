/**
 * What every journal must do, as `src/ports/journal.ts` promises it, with two holders that work on the same one. Each
 * journal's own tests call this with a way to open an empty one.
 */
import { describe } from 'vitest';
import type { Journal } from '../../src/ports/journal.ts';
import { applyingContract } from './journal/applying.ts';
import { claimsContract } from './journal/claims.ts';
import { commitsContract } from './journal/commits.ts';
import { consumersContract } from './journal/consumers.ts';
import { historyContract } from './journal/history.ts';
import { holdsContract } from './journal/holds.ts';
import { listsContract } from './journal/lists.ts';
import { mintEndsContract } from './journal/mint-ends.ts';
import { requestsContract } from './journal/requests.ts';
import { takenApartContract } from './journal/taken-apart.ts';

/** Registers the suite. `open` opens an empty journal, which the suite disposes of. */
export function journalContract(name: string, open: () => Promise<Journal>): void {
  describe(`the journal on ${name}`, () => {
    describe('claims', () => claimsContract(open));
    describe('commits', () => commitsContract(open));
    describe('holds and budgets', () => holdsContract(open));
    describe('how mints ended', () => mintEndsContract(open));
    describe('consumers', () => consumersContract(open));
    describe('requests', () => requestsContract(open));
    describe('a configuration', () => applyingContract(open));
    describe('ids that are divided anew', () => takenApartContract(open));
    describe('lists', () => listsContract(open));
    describe('history', () => historyContract(open));
  });
}
