// A process of its own for the journal's tests, to be killed, or to stand in the way:
// `child.ts hold PATH`, `child.ts commit PATH`, `child.ts fill PATH`. It tells on its output what it has done.

import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { JournalError, type Journal } from '../../src/ports/journal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { claim, commitOf, configure, fact, NOW, policy } from '../contract/journal/builders.ts';

const [mode, path = ''] = process.argv.slice(2);

try {
  const holder = { host: 'test-host', pid: process.pid };
  await using journal = await openSqliteJournal({
    path,
    clock: systemClock(),
    holder,
    socketPath: '/run/a.sock',
  });
  await work(journal);
} catch (error) {
  if (!(error instanceof JournalError)) throw error;
  say(`error ${JSON.stringify({ code: error.code, message: error.message })}`);
}

function work(journal: Journal): Promise<void> {
  switch (mode ?? '') {
    case 'hold':
      return hold(journal);
    case 'commit':
      return commitForever(journal);
    case 'fill':
      return fill(journal);
    default:
      throw new Error(`what is ${mode}?`);
  }
}

/** Claims an account and then does nothing, until its input ends. */
async function hold(journal: Journal): Promise<void> {
  await configure(journal, [policy('a')]);
  await claim(journal);
  say('held');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
}

/** Commits facts of twenty accounts, side by side, and says which version of which account was acknowledged. */
async function commitForever(journal: Journal): Promise<void> {
  await configure(
    journal,
    Array.from({ length: 20 }, (_, index) => policy(`a${index}`)),
  );
  const claims = await claim(journal);
  await Promise.all(
    claims.map(async (claimed) => {
      let current = claimed;
      for (;;) {
        const { version } = current;
        const commit = commitOf(current, [fact(2 * version), fact(2 * version + 1)], { release: false });
        await journal.commit(commit);
        current = { ...current, version: version + 2, record: commit.record };
        say(`acknowledged ${claimed.policy.name} ${current.version}`);
      }
    }),
  );
}

/** Adds accounts until there is no room for any more. */
async function fill(journal: Journal): Promise<void> {
  for (let file = 0; ; file += 1) {
    const accounts = Array.from({ length: 100 }, (_, index) => policy(`a${file}-${index}`));
    await configure(journal, accounts, NOW);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
