/** The reference of the command line, as docs/cli.md has it between its marks: made from the program itself. */
import type { Command } from 'commander';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { fakeHost } from '../world/fake-host.ts';

/** Markdown: each command with its options, then the exit codes. */
export function cliReference(): string {
  const program = buildProgram(fakeHost(), () => undefined);
  const commands = leavesOf(program);
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

/** The commands that do something, however deep they stand. */
function leavesOf(command: Command): readonly Command[] {
  return command.commands.flatMap((inner) => (inner.commands.length === 0 ? [inner] : leavesOf(inner)));
}

/** Its name with those of the commands that it stands in. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function commandText(command: Command): string[] {
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
  return [`## ${pathOf(command)}${given.join('')}`, '', command.description(), '', ...options, ''];
}
