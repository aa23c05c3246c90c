import { describe, expect, it } from 'vitest';
import { createSharedHolds } from '../../src/engine/shared-holds.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { memoryJournal } from '../simulation/journal/memory-journal.ts';
import { emptyState } from '../simulation/journal/state.ts';
import { FakeClock } from '../world/fake-clock.ts';

const DOWN = { kind: 'store-unavailable', message: 'down in this test' } as const;
const SILENT: Telemetry = {
  fact: () => undefined,
  event: () => undefined,
  measure: () => undefined,
  failure: () => undefined,
};

/** Two processes upon one journal. */
async function twoProcesses() {
  const state = emptyState();
  const journal = memoryJournal((_name, operation) => Promise.try(() => operation(state)));
  const given = { journal, clock: new FakeClock(), telemetry: SILENT };
  return { journal, one: await createSharedHolds(given), other: await createSharedHolds(given) };
}

describe('a shared hold that another process has set', () => {
  it('is lifted by a process that a claim has shown it', async () => {
    const { journal, one, other } = await twoProcesses();
    await other.storeFailed('files', DOWN);
    one.learn((await journal.shared()).holds, one.changes());
    await one.storeWrote('files');
    expect((await journal.shared()).holds).toEqual([]);
  });

  it('is set again by a process that was shown that it is lifted', async () => {
    const { journal, one, other } = await twoProcesses();
    await one.storeFailed('files', DOWN);
    other.learn((await journal.shared()).holds, other.changes());
    await other.storeWrote('files');
    one.learn((await journal.shared()).holds, one.changes());
    await one.storeFailed('files', DOWN);
    expect((await journal.shared()).holds).toMatchObject([{ kind: 'store-down', subject: 'files' }]);
  });

  it('does not make a process forget what it has set since the journal was asked', async () => {
    const { journal, one } = await twoProcesses();
    const asOf = one.changes();
    const { holds } = await journal.shared();
    await one.storeFailed('files', DOWN);
    one.learn(holds, asOf);
    await one.storeWrote('files');
    expect((await journal.shared()).holds).toEqual([]);
  });
});
