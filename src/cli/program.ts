/** The command line: which commands there are, with their options. Each command's file is loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../app/version.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';

/** Options that every command which reaches a daemon or a configuration has. */
export interface CommonOptions {
  readonly config?: string;
  readonly socket?: string;
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

function buildProgram(host: Host, finish: (code: number) => void): Command {
  const program = new Command('rekeyd')
    .description(
      'Re-keys service accounts: mints new credentials on a schedule and delivers them to secrets stores.',
    )
    .version(VERSION)
    .configureOutput({
      writeOut: (text) => host.output.write(text),
      writeErr: (text) => host.errors.write(text),
      getOutHelpWidth: () => host.output.columns ?? 100,
    })
    .showSuggestionAfterError()
    .exitOverride();
  const run = <Options>(load: () => Promise<(host: Host, options: Options) => Promise<number>>) => {
    return async (options: Options): Promise<void> => {
      const command = await load();
      finish(await command(host, options));
    };
  };
  daemonCommands(program, run);
  configCommands(program, run);
  return program;
}

type Run = <Options>(
  load: () => Promise<(host: Host, options: Options) => Promise<number>>,
) => (options: Options) => Promise<void>;

const config = () => new Option('-c, --config <path>', 'the configuration').env('REKEYD_CONFIG');

function daemonCommands(program: Command, run: Run): void {
  program
    .command('run')
    .description('Run the daemon until it is stopped.')
    .addOption(config())
    .action(run(async () => (await import('./run.ts')).run));
  program
    .command('demo')
    .description(
      'Try everything on this machine: an emulated Kronup and a daemon that rotates three of its accounts.',
    )
    .option('--directory <path>', 'where the demo keeps its files', '.rekeyd')
    .action(run(async () => (await import('./demo.ts')).demo));
}

/** Those that look at a configuration and change nothing. */
function configCommands(program: Command, run: Run): void {
  const output = () =>
    new Option('-o, --output <form>', 'how to answer').choices(['table', 'json']).default('table');
  const socket = () => new Option('--socket <path>', 'the socket of the running daemon').env('REKEYD_SOCKET');
  program
    .command('check')
    .description('Check the configuration, then providers, stores, accounts and targets. Changes nothing.')
    .addOption(config())
    .addOption(socket())
    .addOption(output())
    .option('--offline', 'only what needs no network and no secret')
    .option('--write', 'ask stores for real writes, beside what consumers read')
    .action(run(async () => (await import('./check.ts')).check));
  program
    .command('plan')
    .description('Show the next slots, and what this configuration would do now. Changes nothing.')
    .addOption(config())
    .addOption(socket())
    .addOption(output())
    .option('--for <duration>', 'how far to look ahead', '7d')
    .option('--account <name...>', 'only these accounts')
    .action(run(async () => (await import('./plan.ts')).plan));
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration.')
    .action(run(async () => (await import('./schema.ts')).schema));
}
