import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliReference } from './cli-docs.ts';

const PATH = join(import.meta.dirname, '../../docs/cli.md');

it('docs/cli.md has every command, option and exit code as the program has them', () => {
  const [, reference = ''] = readFileSync(PATH, 'utf8').split('<!-- reference -->\n\n');
  expect(reference).toBe(cliReference());
});
