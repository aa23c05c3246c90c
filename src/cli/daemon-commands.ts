/** The commands that run something: the daemon, one round of it, the demo, an emulator. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { config, output, socket, wholeNumber, words } from './options.ts';
import type { RunWith } from './options.ts';

const PORT_MAX = 65_535;
const EMULATED_MAX = 10_000;
const ONCE_MS = 300_000;

export function daemonCommands(program: Command, run: RunWith): void {
  program
    .command('run')
    .description('Run the daemon until it is stopped.')
    .addOption(config())
    .action(run(async () => (await import('./run.ts')).run));
  program
    .command('once')
    .description(
      'Do what is due, then end: for a CronJob. Where a daemon holds the journal, wait for it to do what is due.',
    )
    .addHelpText('after', '\nThere is no --url: it does the work itself, where it runs.')
    .addOption(config())
    .addOption(socket())
    .addOption(output())
    .addOption(
      new Option('--timeout <duration>', 'for how long what fails is tried again')
        .argParser(words)
        .default(ONCE_MS, '5m'),
    )
    .action(run(async () => (await import('./once.ts')).once));
  program
    .command('demo')
    .description(
      'Try everything on this machine: an emulated Kronup and a daemon that rotates three of its accounts.',
    )
    .option('--directory <path>', 'where the demo keeps its files', '.rekeyd')
    .action(run(async () => (await import('./demo.ts')).demo));
}

export function emulateCommands(program: Command, run: RunWith): void {
  const emulate = program
    .command('emulate')
    .description('Run a provider as a local server, to rehearse with.')
    .helpCommand(false);
  emulate
    .command('kronup')
    .description(
      'Run an emulated Kronup until it is stopped: real HTTP, signed tokens that open nothing else.',
    )
    .option('--port <number>', 'where to listen; 0 takes any free port', wholeNumber(0, PORT_MAX), 4010)
    .option('--host <address>', 'on which address', '127.0.0.1')
    .option('--accounts <number>', 'accounts to begin with', wholeNumber(0, EMULATED_MAX), 5)
    .option('--state <path>', 'keep the accounts in this file, through restarts')
    .option('--token-file <path>', "write the manager's token to this file, for its owner only")
    .option('--print-token', "print the manager's token")
    .option('--hide-tokens', 'leave tokens out of the answers to reads')
    .option('--keep-old-tokens', 'old tokens stay alive when a new one is made')
    .option('--move-pages', 'the list comes in another order at each call')
    .option('--rate <number>', 'requests in any second; more are refused for a while', wholeNumber(1, 10_000))
    .option('--daily-limit <number>', 'calls a day for each account', wholeNumber(1, 1_000_000_000))
    .option('--token-lifetime <duration>', 'tokens expire after this long', words)
    .option('--control', 'open the control path, which makes faults, to whoever can connect')
    .action(run(async () => (await import('./emulate-kronup.ts')).emulateKronup));
  emulate
    .command('keycard')
    .description(
      'Run an emulated Keycard until it is stopped: real HTTP, secrets and access tokens that open nothing else.',
    )
    .option('--port <number>', 'where to listen; 0 takes any free port', wholeNumber(0, PORT_MAX), 4020)
    .option('--host <address>', 'on which address', '127.0.0.1')
    .option('--accounts <number>', 'accounts to begin with', wholeNumber(0, EMULATED_MAX), 5)
    .option('--state <path>', 'keep the accounts in this file, through restarts')
    .option('--secret-file <path>', "write the manager's client secret to this file, for its owner only")
    .option('--print-secret', "print the manager's client secret")
    .option('--consistency-delay <duration>', 'refuse new credentials for this long', words)
    .option('--token-lifetime <duration>', 'access tokens end after this long', words)
    .option('--hide-lifetime', 'do not say how long access tokens live')
    .option('--revoke-access-tokens', 'access tokens die with their credential')
    .option('--rate <number>', 'requests in any second; more are refused for a while', wholeNumber(1, 10_000))
    .option('--control', 'open the control path, which makes faults, to whoever can connect')
    .action(run(async () => (await import('./emulate-keycard.ts')).emulateKeycard));
}
