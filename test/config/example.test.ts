import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accountSchema } from '../../src/config/account-schema.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { mainSchema } from '../../src/config/schema.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { configFolder } from './config-world.ts';

const root = join(import.meta.dirname, '..', '..');
const path = join(root, 'config', 'rekeyd.example.yaml');
const text = readFileSync(path, 'utf8');

describe('the example', () => {
  it('is a good configuration without anything to warn of', () => {
    // Not the file itself: whoever made the checkout may own it.
    using at = configFolder({ 'rekeyd.yaml': text });
    const outcome = at.read();
    expect(outcome.ok ? outcome.config.warnings : outcome.bad.problems).toEqual([]);
    expect(outcome.ok && outcome.config.accounts).toBe(3);
  });

  it('begins with the line that leads editors to the schema', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./rekeyd.schema.json');
  });

  it.each([...Object.keys(mainSchema.shape), ...Object.keys(accountSchema.shape)])('shows %s', (word) => {
    const shown = new RegExp(String.raw`^[\s#{-]*(?:.*[{,] )?${word}:`, 'm');
    const besides = ['accountIds', 'strategy'];
    expect(besides.includes(word) || shown.test(text)).toBe(true);
  });

  it('fits the JSON Schema', () => {
    const parse = parseYaml(text);
    const schema = z.fromJSONSchema(configJsonSchema());
    expect(parse.ok && schema.safeParse(parse.document.value)).toMatchObject({ success: true });
  });
});
