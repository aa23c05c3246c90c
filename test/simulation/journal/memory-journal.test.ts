// The journal's contract, on the journal in memory that the simulation runs upon.

import { journalContract } from '../../contract/journal-contract.ts';
import { memoryJournal } from './memory-journal.ts';
import { emptyState } from './state.ts';

journalContract('memory', () => {
  const state = emptyState();
  return Promise.resolve(memoryJournal((_name, operation) => Promise.try(() => operation(state))));
});
