/** The commands that look at accounts or ask the daemon for something, with their options. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { HOLDS } from '../domain/hold.ts';
import type { Act, ActOptions } from './acts.ts';
import type { FreezeOptions } from './freeze.ts';
import type { HistoryOptions } from './history.ts';
import { config, labels, output, remote, socket, waitOption, wholeNumber } from './options.ts';
import type { RunWith } from './options.ts';
import type { RotateOptions } from './rotate.ts';
import type { StatusOptions } from './status.ts';

const REASON = 'why; it is kept in the history (needed)';
const REQUEST_ID = 'a name for this request: asking twice under the same one does nothing twice';

export function readingCommands(program: Command, run: RunWith): void {
  reaching(program.command('status'))
    .description('Show all accounts, or one: why it is due, what holds it and what lifts that.')
    .argument('[account]', 'only this one, with all that is known of it')
    .addOption(new Option('--hold <kind>', 'only accounts held by this').choices(Object.keys(HOLDS)))
    .option('--provider <name>', 'only accounts of this provider')
    .option('--label <key=value>', 'only accounts with this label; may be given again', labels)
    .option('--limit <number>', 'how many accounts to show', wholeNumber(1, 1_000_000), 1_000)
    .action(
      run<StatusOptions>(async () => {
        const { status } = await import('./status.ts');
        return (host, options, [account]) => status(host, options, account as string | undefined);
      }),
    );
  reaching(program.command('history'))
    .description('Show the rotations, newest first, or one with its steps and facts.')
    .argument('[account]', 'only those of this one')
    .option('--limit <number>', 'how many rotations to show', wholeNumber(1, 1_000), 20)
    .option('--rotation <id>', 'this rotation, with its steps and facts')
    .action(
      run<HistoryOptions>(async () => {
        const { history } = await import('./history.ts');
        return (host, options, [account]) => history(host, options, account as string | undefined);
      }),
    );
}

export function askingCommands(program: Command, run: RunWith): void {
  acting(program.command('rotate'))
    .description('Ask for a new credential for accounts now, delivered to all their targets.')
    .argument('[accounts...]', 'the accounts')
    .option('--all', 'every account')
    .option('--label <key=value>', 'accounts with this label; may be given again', labels)
    .option('--provider <name>', 'accounts of this provider')
    .option(
      '--compromised',
      'the live credential has leaked: end it without grace once the required targets hold the new one, and try that it is dead',
    )
    .option('--now', 'with --compromised: end it before anything is delivered, and wait for no target')
    .addOption(waitOption('wait until all have been rotated, for 2m or as long as given'))
    .option('--dry-run', 'only say what would happen; nothing is asked of providers or stores')
    .action(
      run<RotateOptions>(async () => {
        const { rotate } = await import('./rotate.ts');
        return (host, options, [accounts]) => rotate(host, options, accounts as readonly string[]);
      }),
    );
  namingCommands(program, run);
  for (const [does, description] of ACTS) {
    acting(program.command(does))
      .description(description)
      .argument('<accounts...>', 'the accounts')
      .action(
        run<ActOptions>(async () => {
          const { act } = await import('./acts.ts');
          return (host, options, [accounts]) =>
            act(host, options, { does, accounts: accounts as readonly string[] });
        }),
      );
  }
  for (const [does, description] of FREEZING) {
    reaching(program.command(does))
      .option('--reason <text>', REASON)
      .description(description)
      .argument('<providers...>', 'the providers')
      .action(
        run<FreezeOptions>(async () => {
          const { freeze } = await import('./freeze.ts');
          return (host, options, [providers]) =>
            freeze(host, options, { does, providers: providers as readonly string[] });
        }),
      );
  }
  reaching(program.command('reload'))
    .description('Make the daemon read its configuration again; a bad one is refused and changes nothing.')
    .action(run(async () => (await import('./reload.ts')).reload));
}

/** Commands about one thing of one account. */
function namingCommands(program: Command, run: RunWith): void {
  acting(program.command('accept'))
    .description(
      'Let a target be written that holds something of others, is contested, or was changed and only reported: ' +
        'it is brought to the live credential.',
    )
    .argument('<account>', 'the account')
    .argument('<target>', 'the target, as rekeyd status ACCOUNT names it')
    .action(
      run<ActOptions>(async () => {
        const { accept } = await import('./acts.ts');
        return (host, options, [account, target]) => accept(host, options, String(account), String(target));
      }),
    );
  acting(program.command('standby'))
    .description(
      'Say which account of a pair is minted for next, where nothing shows which of the two is in use (hold: undecided).',
    )
    .argument('<account>', 'the account, as configured with accountIds')
    .argument('<id>', 'the id of the one of the two that nobody uses: a mint ends what it has now')
    .action(
      run<ActOptions>(async () => {
        const { standby } = await import('./acts.ts');
        return (host, options, [account, id]) => standby(host, options, String(account), String(id));
      }),
    );
}

const ACTS: readonly (readonly [Exclude<Act, 'accept' | 'standby'>, string])[] = [
  ['pause', 'Stop rotating accounts and healing their targets, until they are resumed.'],
  ['resume', 'Go on with accounts that were paused.'],
  ['unpark', 'Go on with accounts that were parked after failures, or held as mismatched.'],
  ['reconcile', 'Look at accounts and their targets now, and put right what differs. Mints nothing.'],
];

const FREEZING: readonly (readonly ['freeze' | 'unfreeze', string])[] = [
  ['freeze', 'Stop rotations that nobody asks for at whole providers. What was minted is still delivered.'],
  ['unfreeze', 'Go on with providers that were frozen, by hand or after too many failed mints.'],
];

function reaching(command: Command): Command {
  const reachable = command.addOption(socket()).addOption(config()).addOption(output());
  for (const option of remote()) reachable.addOption(option);
  return reachable;
}

function acting(command: Command): Command {
  return reaching(command).option('--reason <text>', REASON).option('--request-id <id>', REQUEST_ID);
}
