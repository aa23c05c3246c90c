// An emulated Kronup in a process of its own. For a fleet it also writes the accounts' lines of configuration, and the
// live tokens into the files that are their targets.

import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { givenToChild, tellParent } from './child.ts';
import { DAILY_LIMIT } from './kronup-limits.ts';

export interface KronupGiven {
  readonly accounts: number;
  /** Where to write `fleet.jsonl`, and the folder of the targets. */
  readonly fleet?: { readonly path: string; readonly targets: string };
}

export interface KronupReady {
  readonly url: string;
  readonly token: string;
  readonly organisation: string;
  /** Empty for a fleet, whose ids stand in its file. */
  readonly ids: readonly string[];
}

const FILES_AT_ONCE = 64;

const { accounts, fleet } = givenToChild() as KronupGiven;
const kronup = await startKronupEmulator({
  clock: systemClock(),
  random: systemRandom(),
  accounts,
  dailyLimit: DAILY_LIMIT,
});
if (fleet !== undefined) await writeFleet(kronup, fleet);
tellParent({
  url: kronup.url,
  token: kronup.manager.token.reveal(),
  organisation: kronup.organisation,
  ids: fleet === undefined ? kronup.accounts.map(({ id }) => id) : [],
} satisfies KronupReady);

async function writeFleet(
  emulator: KronupEmulator,
  { path, targets }: NonNullable<KronupGiven['fleet']>,
): Promise<void> {
  const lines = createWriteStream(path);
  const all = emulator.accounts;
  for (let start = 0; start < all.length; start += FILES_AT_ONCE) {
    const some = all.slice(start, start + FILES_AT_ONCE);
    const written = some.map(async ({ id }, index) => {
      const address = `account-${start + index}`;
      await writeFile(join(targets, address), (await emulator.liveToken(id)).reveal(), { mode: 0o600 });
      return lineOf(address, id);
    });
    lines.write((await Promise.all(written)).join(''));
  }
  lines.end();
  await finished(lines);
}

function lineOf(address: string, accountId: string): string {
  const target = { store: 'files', address, consumerLag: '0s' };
  const account = { name: address, provider: 'kronup', accountId, schedule: '0 3 1 1 *', targets: [target] };
  return `${JSON.stringify(account)}\n`;
}
