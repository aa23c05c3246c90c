/** The commands on service accounts themselves, with their options: the same for every provider's kind, which may have fewer. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { RunWith } from './options.ts';
import { config, repeated, socket, waitOption } from './options.ts';
import type { ChangeOptions } from './service-accounts/change.ts';
import type { RegenerateOptions } from './service-accounts/end.ts';
import type { HandingOptions } from './service-accounts/handing.ts';
import type { ListOptions } from './service-accounts/list.ts';
import type { Of } from './service-accounts/session.ts';

export function serviceAccountCommands(program: Command, run: RunWith): void {
  const accounts = program
    .command('service-accounts')
    .alias('sa')
    .description(
      "Look at a provider's service accounts and change them, whether they are managed here or not.",
    )
    .helpCommand(false);
  itemCommands(accounts, run, 'accounts');
  handing(reaching(accounts.command('regenerate')))
    .description(
      'Make a new credential in place of the old one, which dies at once. A managed account is rotated by its daemon.',
    )
    .argument('<id>', 'the account')
    .option('--yes', 'go on without asking')
    .option('--reason <text>', 'of a managed account: why; it is kept in the history')
    .addOption(waitOption('of a managed account: wait until it has been rotated, for 2m or as long as given'))
    .action(
      run<RegenerateOptions>(async () => {
        const { regenerate } = await import('./service-accounts/end.ts');
        return (host, options, [id]) => regenerate(host, options, String(id));
      }),
    );
  ending(accounts, run, { verb: 'close', of: 'accounts' });
  ending(accounts, run, { verb: 'delete', of: 'accounts' });
  const credentials = accounts
    .command('credentials')
    .description('Look at the credentials of one service account and change them.')
    .helpCommand(false);
  itemCommands(credentials, run, 'credentials');
  ending(credentials, run, { verb: 'delete', of: 'credentials' });
}

const NOUNS: Readonly<Record<Of, string>> = { accounts: 'service account', credentials: 'credential' };

/** Those that accounts and credentials share: list, read, create, update. */
function itemCommands(parent: Command, run: RunWith, of: Of): void {
  const noun = NOUNS[of];
  const list = within(reaching(parent.command('list')), of)
    .description(`List all ${noun}s, closed ones as well.`)
    .option(
      '--name <pattern>',
      'only those with such a name: * stands for any text, ? for one character; may be given again',
      repeated,
    );
  if (of === 'accounts') list.option('--closed', 'only those that are closed');
  list.action(
    run<ListOptions>(async () => {
      const { list } = await import('./service-accounts/list.ts');
      return (host, options, given) =>
        list(host, options, of, of === 'accounts' ? undefined : String(given[0]));
    }),
  );
  handing(within(reaching(parent.command('read')), of))
    .description(`Show one ${noun}. Its secret is shown or delivered only where the provider shows it again.`)
    .argument('<id>', `the ${noun}`)
    .option('--yes', 'let --reveal write to something that is no terminal')
    .action(
      run<HandingOptions>(async () => {
        const { read } = await import('./service-accounts/read.ts');
        return (host, options, given) => read(host, options, of, refOf(of, given));
      }),
    );
  handing(settable(within(reaching(parent.command('create')), of)))
    .description(`Make a ${noun}. Its secret goes where --deliver says.`)
    .option('--yes', 'let --reveal write to something that is no terminal')
    .action(
      run<ChangeOptions>(async () => {
        const { create } = await import('./service-accounts/change.ts');
        return (host, options, given) =>
          create(host, options, of, of === 'accounts' ? undefined : String(given[0]));
      }),
    );
  settable(within(reaching(parent.command('update')), of))
    .description(`Change what is said of a ${noun}.`)
    .argument('<id>', `the ${noun}`)
    .option('--yes', 'go on without asking')
    .action(
      run<ChangeOptions>(async () => {
        const { update } = await import('./service-accounts/change.ts');
        return (host, options, given) => update(host, options, of, refOf(of, given));
      }),
    );
}

const ENDINGS: Readonly<Record<'close' | 'delete', string>> = {
  close: 'Close a service account: its credential is refused from now on. Asks first.',
  delete: 'Delete it for ever. Asks first.',
};

function ending(
  parent: Command,
  run: RunWith,
  { verb, of }: { readonly verb: 'close' | 'delete'; readonly of: Of },
): void {
  within(reaching(parent.command(verb)), of)
    .description(ENDINGS[verb])
    .argument('<id>', `the ${NOUNS[of]}`)
    .option('--yes', 'go on without asking')
    .action(
      run<HandingOptions>(async () => {
        const { end } = await import('./service-accounts/end.ts');
        return (host, options, given) => end(host, options, { of, verb, ref: refOf(of, given) });
      }),
    );
}

function refOf(of: Of, given: readonly unknown[]): { readonly id: string; readonly account?: string } {
  if (of === 'accounts') return { id: String(given[0]) };
  return { account: String(given[0]), id: String(given[1]) };
}

function within(command: Command, of: Of): Command {
  return of === 'accounts' ? command : command.argument('<account>', 'the service account');
}

function reaching(command: Command): Command {
  return command
    .addHelpText(
      'after',
      '\nThere is no --url: it speaks with the provider itself, with the manager credential that is configured here.',
    )
    .option('--provider <name>', 'the provider; needed where more than one is configured')
    .addOption(config())
    .addOption(socket())
    .addOption(
      new Option('-o, --output <form>', 'how to answer').choices(['table', 'json', 'yaml']).default('table'),
    );
}

function settable(command: Command): Command {
  return command
    .option('--name <text>', 'what it is called')
    .option('--role <role>', 'what it may do, where accounts have roles')
    .option('--description <text>', 'what it is for, where that can be said');
}

function handing(command: Command): Command {
  return command
    .option(
      '--deliver <target>',
      'where its secret goes: STORE:ADDRESS, STORE:ADDRESS#KEY (a key of a JSON document), or a target as in the ' +
        'configuration; may be given again',
      repeated,
    )
    .option('--overwrite', 'write over whatever is there')
    .option('--reveal', 'show the secret; to something that is no terminal only with --yes');
}
