/** The reference of the command line, as docs/cli.md has it between its marks: made from the program itself. */
import type { Command } from 'commander';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { fakeHost } from '../world/fake-host.ts';

/** Markdown: each command with its options, then the exit codes. */
export function cliReference(): string {
  const program = buildProgram(fakeHost(), () => undefined);
  const commands = program.commands.flatMap((command) =>
    command.commands.length === 0 ? [command] : command.commands,
  );
  const codes = EXIT_CODES.map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return [
    ...commands.flatMap(commandText),
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...codes,
    '',
  ].join('\n');
}

function commandText(command: Command): string[] {
  const parent = command.parent?.name() === 'rekeyd' ? '' : `${command.parent?.name()} `;
  const given = command.registeredArguments.map((argument) => {
    const word = `${argument.name().toUpperCase()}${argument.variadic ? '…' : ''}`;
    return argument.required ? ` ${word}` : ` [${word}]`;
  });
  const options = command.options.map(
    ({ flags, description, defaultValue, defaultValueDescription, envVar }) => {
      const usual: unknown = defaultValueDescription ?? defaultValue;
      const more = [
        usual === undefined
          ? undefined
          : `default \`${typeof usual === 'string' ? usual : JSON.stringify(usual)}\``,
        envVar === undefined ? undefined : `or \`${envVar}\``,
      ].filter((words) => words !== undefined);
      return `- \`${flags}\`: ${description}${more.length === 0 ? '' : ` (${more.join('; ')})`}`;
    },
  );
  return [
    `## rekeyd ${parent}${command.name()}${given.join('')}`,
    '',
    command.description(),
    '',
    ...options,
    '',
  ];
}
