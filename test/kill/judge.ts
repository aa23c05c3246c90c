/** What is right at the end, asked of everybody but the daemon: who holds what, how often was minted, what is left behind. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { filesIn, leaks } from '../world/canary.ts';
import type { Place } from '../world/canary.ts';
import { filesOf } from './clean.ts';
import { SIGNING_KEY_FILE } from './consumers.ts';
import { isAtRest, isWished } from './life.ts';
import type { Wish } from './life.ts';
import type { World } from './world.ts';

/** What can be wrong, from worst to least. */
export type Fault = 'lost' | 'stale' | 'minted too often' | 'refreshed twice' | 'shown' | 'left behind';

export interface Finding {
  readonly fault: Fault;
  readonly what: string;
}

/** Where a credential may be: what consumers read, and what the daemon reads. */
const MAY_HOLD = ['secrets', 'manager-token', SIGNING_KEY_FILE];

const JOURNAL = 'journal.db';

/** What is right at the moment of its death, however it died. `mayBeAbsent`: no target had a credential before. */
export async function judgeDead(
  world: World,
  outputs: readonly string[],
  mayBeAbsent: boolean,
): Promise<readonly Finding[]> {
  return [
    ...(await judgeSecrecy(world, outputs)),
    ...(await judgeWhole(world, mayBeAbsent)),
    ...(await judgeWorking(world)),
    ...(await judgeKilledJournal(world)),
  ];
}

/** While the daemon still runs: who holds what, and what it says of itself. */
export async function judgeAtRest(world: World, wish: Wish): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const live = await world.provider.live();
  for (const { target, token } of await world.holdings()) {
    if (token === live) continue;
    if (token === undefined)
      findings.push({ fault: 'lost', what: `${target} holds nothing that a consumer could read` });
    else findings.push({ fault: 'stale', what: `${target} holds another credential than the live one` });
  }
  const rows = await world.rotations();
  const asked = rows.filter((row) => isWished(row, wish));
  const succeeded = asked.filter(({ outcome }) => outcome === 'succeeded').length;
  if (succeeded === 0)
    findings.push({ fault: 'lost', what: 'the rotation that was asked for never succeeded' });
  if (asked.length > 1)
    findings.push({ fault: 'minted too often', what: `${asked.length} rotations for one request` });
  const open = rows.filter(({ outcome }) => outcome === undefined).length;
  if (open > 0) findings.push({ fault: 'left behind', what: `${open} open rotations` });
  const view = await world.view();
  if (!isAtRest(view)) findings.push({ fault: 'left behind', what: `not at rest: ${JSON.stringify(view)}` });
  findings.push(...((await world.consumers?.judge(view.live?.fingerprint ?? '')) ?? []));
  for (const what of world.provider.left()) findings.push({ fault: 'left behind', what });
  for (const what of await world.leftInStores()) findings.push({ fault: 'left behind', what });
  return findings;
}

/** At whatever moment the daemon dies: a consumer reads a whole credential, or none where none was yet. */
async function judgeWhole(world: World, mayBeAbsent: boolean): Promise<readonly Finding[]> {
  const known = new Set([...world.credentials, await world.provider.live()]);
  const torn = (await world.holdings()).filter(({ token }) =>
    token === undefined ? !mayBeAbsent : !known.has(token),
  );
  return torn.map(({ target }) => ({
    fault: 'lost',
    what: `${target} held no whole credential when the daemon died`,
  }));
}

/** Where the new credential comes beside the one in use: no target holds one that is not accepted any more, at whatever moment. */
async function judgeWorking(world: World): Promise<readonly Finding[]> {
  if (world.scenario.strategy === 'in-place') return [];
  const working = await world.provider.working();
  const dead = (await world.holdings()).filter(({ token }) => token !== undefined && !working.has(token));
  return dead.map(({ target }) => ({
    fault: 'stale',
    what: `${target} held a credential that was not accepted any more when the daemon died`,
  }));
}

/** When the daemon has died: the journal is whole as it is, whatever the next start makes of it. */
async function judgeKilledJournal(world: World): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-kill-journal-'));
  try {
    const path = join(folder, JOURNAL);
    // Opening it would put its log into it, which is for the daemon to do.
    for (const suffix of ['', '-wal']) {
      const from = join(world.places.journal, `${JOURNAL}${suffix}`);
      await copyFile(from, `${path}${suffix}`).catch(unlessAbsent);
    }
    const database = new DatabaseSync(path);
    try {
      return damageIn(database);
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** It died before there was one. */
function unlessAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function damageIn(database: DatabaseSync): readonly Finding[] {
  const found = Object.values(database.prepare('pragma integrity_check').get() ?? {}).join();
  return found === 'ok' ? [] : [{ fault: 'lost', what: `the journal is damaged: ${found}` }];
}

/** Files that are there and should not be. */
export async function judgeFiles(world: World, files: readonly string[]): Promise<readonly Finding[]> {
  const there = await filesOf(world.folder);
  const left = there.filter((name) => !files.includes(name));
  return left.map((name) => ({ fault: 'left behind', what: `the file ${name}` }));
}

/** After the daemon was stopped: whether the journal is whole, and nothing in it waits. */
export function judgeJournal(world: World): readonly Finding[] {
  const database = new DatabaseSync(join(world.places.journal, JOURNAL), { readOnly: true });
  const findings: Finding[] = [];
  try {
    findings.push(...damageIn(database));
    const waiting = database.prepare("select count(*) as n from request where state = 'waiting'").get()?.[
      'n'
    ];
    if (waiting !== 0)
      findings.push({ fault: 'left behind', what: `${String(waiting)} requests wait in the journal` });
  } finally {
    database.close();
  }
  return findings;
}

/** No credential is in what the daemon wrote, but where it belongs. */
export async function judgeSecrecy(world: World, outputs: readonly string[]): Promise<readonly Finding[]> {
  const places: Place[] = [
    ...outputs.map((content, index) => ({ name: `output ${index + 1}`, content })),
    { name: 'a call of the webhook', content: world.consumers?.told() ?? '' },
    ...(await filesIn(world.folder, MAY_HOLD)),
  ];
  const credentials = new Set([...world.credentials, await world.provider.live()]);
  return leaks(places, credentials).map((name) => ({ fault: 'shown', what: `a credential is in ${name}` }));
}
