// The reference of the command line, as docs/cli.md has it below its mark: made from the program itself.

import { EXIT_CODES } from '../src/cli/exit-codes.ts';
import { buildProgram } from '../src/cli/program.ts';
import { fakeHost } from '../test/world/fake-host.ts';

type Command = ReturnType<typeof buildProgram>;

/** Where it begins in a page that a person writes. */
const MARK = '<!-- Below: generated from src/cli/ by `npm run generate`. -->';

/** A page with what stands below its mark made anew. Throws where it has no mark. */
export function withCliReference(page: string): string {
  const [head, ...rest] = page.split(MARK);
  if (head === undefined || rest.length === 0) throw new Error(`the page lacks its mark: ${MARK}`);
  return `${head}${MARK}\n\n${cliReference()}`;
}

/** Markdown: each command with its options, then the exit codes. */
function cliReference(): string {
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
