import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountSchema, targetFields } from '../../src/config/account-schema.ts';
import { mainSchema } from '../../src/config/schema.ts';
import { keysAt } from '../../src/config/zod-tree.ts';
import { CONSUMERS } from '../../src/consumers/registry.ts';
import { FORMATS } from '../../src/formats/registry.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { STORES } from '../../src/stores/registry.ts';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');

const groups = ['journal', 'probes', 'socket', 'api', 'metrics', 'log', 'concurrency'];
const words = [
  ...Object.keys(mainSchema.shape).filter((word) => !groups.includes(word)),
  ...groups.flatMap((group) => keysAt(mainSchema, [group]).map((key) => `${group}.${key}`)),
  ...Object.keys(accountSchema.shape).filter((word) => word !== 'windows'),
  ...Object.keys(targetFields),
  ...STORES.flatMap(({ kind, schema, targetSchema }) => [
    kind,
    ...keysAt(schema, []),
    ...keysAt(targetSchema, []),
  ]),
  ...CONSUMERS.flatMap(({ kind, schema }) => [kind, ...keysAt(schema, [])]),
  ...keysAt(targetFields.consumers, []),
  ...PROVIDERS.flatMap(({ kind, schema }) => [kind, ...keysAt(schema, []).filter((key) => key !== 'tls')]),
  ...FORMATS.flatMap(({ kind, schema }) => [kind, ...keysAt(schema, [])]),
];

describe('docs/configuration.md', () => {
  it.each([...new Set(words)])('explains %s', (word) => {
    expect(text).toMatch(new RegExp(`\`(kind: )?${word.replaceAll('.', String.raw`\.`)}\``));
  });
});
