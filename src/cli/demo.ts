/** `rekeyd demo`: an emulated Kronup and a daemon in one process, on files below one folder. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { startKronupEmulator } from '../emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../emulators/kronup/emulator.ts';
import type { Fact } from '../domain/fact.ts';
import type { Host } from '../ports/host.ts';
import { EXIT } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import { serve } from './serve.ts';

/** Schedules of seconds need more calls than Kronup grants in a day. */
const DAILY_LIMIT = 1_000_000;

/** Each account of the demo: how often it is rotated, in cron words. */
const SCHEDULES = [
  { cron: '*/5 * * * * *', words: 'every 5 seconds' },
  { cron: '*/20 * * * * *', words: 'every 20 seconds' },
  { cron: '0 * * * * *', words: 'every minute' },
] as const;

const OWNER_ONLY = 0o600;

export async function demo(host: Host, options: { readonly directory: string }): Promise<number> {
  const directory = resolve(host.directory, options.directory);
  await mkdir(join(directory, 'secrets'), { recursive: true, mode: 0o700 });
  await using kronup = await startKronup(host, directory);
  const configPath = join(directory, 'demo.yaml');
  await writeFile(join(directory, 'manager-token'), kronup.manager.token.reveal(), { mode: OWNER_ONLY });
  await writeFile(configPath, demoConfig(host, kronup, directory), { mode: OWNER_ONLY });
  // It may be there from before, with whatever mode: one that others may write is refused.
  await chmod(configPath, OWNER_ONLY);
  // What is for people goes where it cannot get between lines of JSON.
  const speaker = host.output.isTerminal ? host.output : host.errors;
  const say = (text: string) => speaker.write(`${text}\n`);
  const code = await serve({
    host,
    configPath,
    onStarted(daemon) {
      say(welcome(host, directory, { kronup, probes: daemon.probes }));
      void daemon.engine.idle().then(async () => say(await proof(kronup, directory)));
    },
    onFact(subject, fact) {
      const words = inPlainWords(subject.account, fact);
      if (words !== undefined) say(words);
    },
  });
  say('stopped; started again, it goes on where it was');
  return code;
}

/** At the same address each time: it is part of the accounts' identity, by which the journal knows them. */
async function startKronup({ clock, random }: Host, directory: string): Promise<KronupEmulator> {
  const portPath = join(directory, 'kronup.port');
  const port = Number(await readFile(portPath, 'utf8').catch(() => '0'));
  const kronup = await startKronupEmulator({
    clock,
    random,
    port,
    accounts: SCHEDULES.length,
    dailyLimit: DAILY_LIMIT,
    statePath: join(directory, 'kronup.json'),
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `the demo cannot start: ${why}. Is another demo running in ${directory}?`,
      EXIT.failed,
    );
  });
  await writeFile(portPath, String(kronup.port));
  return kronup;
}

/** What happened to an account, for somebody who watches. */
function inPlainWords(account: string, fact: Fact): string | undefined {
  if (fact.kind === 'credential-minted') {
    const minted = fact.recovered ? 'had minted' : 'minted';
    return `▸ ${account}: Kronup ${minted} a new token (${fact.fingerprint}); the old one is dead`;
  }
  if (fact.kind === 'target-written') return `▸ ${account}: ${fact.fingerprint} delivered to ${fact.target}`;
  if (fact.kind !== 'rotation-succeeded') return undefined;
  return `▸ ${account}: rotated; consumers had no valid token for ${fact.darkWindowMs ?? '?'} ms`;
}

/** Compares what is in the files with what the emulated Kronup accepts. */
async function proof(kronup: KronupEmulator, directory: string): Promise<string> {
  const stale: string[] = [];
  for (const { id, name } of kronup.accounts) {
    const held = await readFile(join(directory, 'secrets', `${name}.token`), 'utf8').catch(() => '');
    if (held !== (await kronup.liveToken(id)).reveal()) stale.push(name);
  }
  if (stale.length > 0) return `✗ not (yet) the token that Kronup accepts: ${stale.join(', ')}`;
  return `✓ checked: all ${kronup.accounts.length} files hold the token that Kronup accepts`;
}

function demoConfig(host: Host, kronup: KronupEmulator, directory: string): string {
  const accounts = kronup.accounts.map(({ id, name }, index) => [
    `  - name: ${name}`,
    '    provider: kronup',
    `    accountId: ${id}`,
    `    schedule: '${SCHEDULES[index]?.cron ?? '@daily'}'`,
    '    minInterval: 1s',
    '    targets:',
    `      - { store: files, address: ${name}.token, consumerLag: 0s }`,
  ]);
  return [
    '# Written by rekeyd demo at each start; changes are lost.',
    'installation: demo',
    `journal: { path: ${join(directory, 'journal.db')} }`,
    `socket: { path: ${join(directory, 'rekeyd.sock')} }`,
    'probes: { address: 127.0.0.1:0 }',
    // Who watches is told the same in plain words.
    ...(host.output.isTerminal ? ['log: { level: warn }'] : []),
    'providers:',
    `  kronup: { kind: kronup, baseUrl: ${kronup.url}, token: { file: ${join(directory, 'manager-token')} }, dailyLimit: ${DAILY_LIMIT} }`,
    'stores:',
    `  files: { kind: file, directory: ${join(directory, 'secrets')} }`,
    'accounts:',
    ...accounts.flat(),
    '',
  ].join('\n');
}

function welcome(
  host: Host,
  directory: string,
  { kronup, probes = '' }: { readonly kronup: KronupEmulator; readonly probes: string | undefined },
): string {
  const place = (...names: string[]) => relative(host.directory, join(directory, ...names)) || '.';
  const [first] = kronup.accounts;
  const accounts = kronup.accounts.map(
    ({ name }, index) =>
      `  ${name.padEnd(16)} ${(SCHEDULES[index]?.words ?? '').padEnd(17)} → ${place('secrets', `${name}.token`)}`,
  );
  return `
rekeyd demo: an emulated Kronup at ${kronup.origin} and a daemon that rotates its accounts

${accounts.join('\n')}

Probes   ${probes}/livez  ${probes}/readyz  ${probes}/metrics
Try      in a second terminal, in this folder:
           npm run --silent rekeyd -- status
           npm run --silent rekeyd -- rotate ${first?.name ?? ''} --reason "trying it" --wait
           npm run --silent rekeyd -- history
Stop     Ctrl-C. Or kill -9 it in the middle of a rotation, and start it again: nothing is lost.

`;
}
