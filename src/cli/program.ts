/** The command line: which commands there are, with their options. Each command's file is loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../app/version.ts';
import { sanitiseText } from '../domain/credential-shapes.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { askingCommands, readingCommands } from './account-commands.ts';
import { daemonCommands, emulateCommands } from './daemon-commands.ts';
import { exitCodesText } from './exit-codes.ts';
import type { ImportOptions } from './import.ts';
import { config, output, remote, repeated, socket } from './options.ts';
import type { RunWith } from './options.ts';
import type { TokenOptions } from './token.ts';
import { serviceAccountCommands } from './service-account-commands.ts';

/** Options that every command which reaches a daemon or a configuration has. */
export interface CommonOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly insecure?: boolean;
  readonly output: 'table' | 'json';
}

/** Parses the arguments, runs the command and answers its exit code. */
export async function runCommand(host: Host): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram(host, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...host.arguments], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { explain } = await import('./explain.ts');
    return explain(host, error);
  }
}

/** All commands with their options; nothing of what they do is loaded. */
export function buildProgram(host: Host, finish: (code: number) => void): Command {
  const program = new Command('rekeyd')
    .description(
      'Re-keys service accounts: mints new credentials on a schedule and delivers them to secrets stores.',
    )
    .version(VERSION)
    .configureOutput({
      writeOut: (text) => host.output.write(text),
      // What it complains of are the arguments, and somebody may have pasted a credential there.
      writeErr: (text) => host.errors.write(sanitiseText(text)),
      getOutHelpWidth: () => host.output.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .addHelpText('after', exitCodesText())
    .exitOverride();
  const run: RunWith =
    (load) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const work = await load();
      finish(await work(host, command.opts<never>(), given.slice(0, -2)));
    };
  daemonCommands(program, run);
  readingCommands(program, run);
  askingCommands(program, run);
  configCommands(program, run);
  importCommand(program, run);
  serviceAccountCommands(program, run);
  emulateCommands(program, run);
  return program;
}

/** Those that look at a configuration and change nothing. */
function configCommands(program: Command, run: RunWith): void {
  program
    .command('check')
    .description(
      'Check the configuration, then providers, stores, accounts and targets. Changes nothing but a canary.',
    )
    .addHelpText(
      'after',
      '\nThere is no --url: it tries the ways to providers and stores from where it runs.',
    )
    .addOption(config())
    .addOption(socket())
    .addOption(output())
    .option('--offline', 'only what needs no network and no secret')
    .option('--write', 'ask stores for real writes, beside what consumers read')
    .option(
      '--canary <account>',
      'try out on this throw-away account, by its id, what rekeyd rests on at its provider',
    )
    .option('--provider <name>', 'of the canary; needed where more than one is configured')
    .option('--yes', 'of the canary: go on without asking')
    .action(run(async () => (await import('./check.ts')).check));
  const planning = program
    .command('plan')
    .description('Show the next slots, and what this configuration would do now. Changes nothing.')
    .addHelpText(
      'after',
      '\nThe configuration here is compared with what the daemon knows that its socket leads to, or --url; without one, with its journal.',
    )
    .addOption(config())
    .addOption(socket())
    .addOption(output());
  for (const option of remote()) planning.addOption(option);
  planning
    .option('--for <duration>', 'how far to look ahead', '7d')
    .option('--account <name...>', 'only these accounts')
    .action(run(async () => (await import('./plan.ts')).plan));
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration.')
    .action(run(async () => (await import('./schema.ts')).schema));
}

function importCommand(program: Command, run: RunWith): void {
  program
    .command('import')
    .description(
      'Write the accounts that exist at a provider as configuration, to start from. Changes nothing.',
    )
    .option('--provider <name>', 'the provider; needed where more than one is configured')
    .addOption(config())
    .addOption(socket())
    .option(
      '--match <pattern>',
      'only those with such a name: * stands for any text; may be given again',
      repeated,
    )
    .option('--except <pattern>', 'but not those with such a name; may be given again', repeated)
    .option('--store <name>', 'the store that their credentials go to')
    .option('--address <template>', 'where in the store, with <name> or <id> in it')
    .option('--schedule <pattern>', 'when to rotate them, as a cron pattern')
    .addOption(
      new Option('-o, --output <form>', 'YAML, or JSON Lines for large fleets')
        .choices(['yaml', 'jsonl'])
        .default('yaml'),
    )
    .action(run<ImportOptions>(async () => (await import('./import.ts')).importAccounts));
  program
    .command('rbac')
    .description(
      'Print the Kubernetes Role and RoleBinding that targets and consumers need, for each namespace.',
    )
    .addOption(config())
    .addOption(socket())
    .addOption(new Option('-o, --output <form>', 'how to answer').choices(['yaml', 'json']).default('yaml'))
    .option('--store <name>', 'only this store')
    .option('--consumers <name>', 'only this connection to consumers')
    .option('--service-account <namespace/name>', 'who is to have the rights', 'rekeyd/rekeyd')
    .action(run(async () => (await import('./rbac.ts')).rbac));
  program
    .command('token')
    .description('Make a token for the API on TCP, and its hash for the configuration. Keeps neither.')
    .option(
      '--token-file <path>',
      'write the token to this new file, for its owner only, and print the hash alone',
    )
    .addOption(output())
    .action(run<TokenOptions>(async () => (await import('./token.ts')).token));
}
