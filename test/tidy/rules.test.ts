import { describe, expect, it } from 'vitest';
import { formProblems } from './form.ts';
import { homeProblems } from './homes.ts';
import { importProblems } from './imports.ts';
import { parseSource } from './source.ts';
import { suiteProblems } from './suites.ts';

type Rule = typeof importProblems;

/** Put together, so that this file does not hold what it looks for. */
const MARKER = ['TO', 'DO'].join('');

/** What the rule says of a file at `path` with this text, without the place. */
function say(rule: Rule, path: string, text: string): string[] {
  return rule(parseSource(path, text)).map(({ message }) => message);
}

describe('the rule of imports', () => {
  it.each([
    ['src/domain/decide.ts', '../ports/clock.ts'],
    ['src/ports/clock.ts', '../system/clock.ts'],
    ['src/engine/loop.ts', '../journal/sqlite/journal.ts'],
    ['src/engine/loop.ts', '../formats/registry.ts'],
    ['src/stores/file/store.ts', '../../journal/rows.ts'],
    ['src/providers/kronup/provider.ts', '../../stores/registry.ts'],
    ['src/providers/kronup/provider.ts', '../keycard/client.ts'],
    ['src/providers/http/send.ts', '../kronup/client.ts'],
    ['src/stores/file/store.ts', '../vault/store.ts'],
    ['src/stores/kubernetes-secret/store.ts', '../../consumers/kubernetes/connection.ts'],
    ['src/consumers/kubernetes/connection.ts', '../../stores/kubernetes-secret/store.ts'],
    ['src/consumers/kubernetes/connection.ts', '../webhook/connection.ts'],
    ['src/kubernetes/connection.ts', '../stores/kubernetes-secret/store.ts'],
    ['src/config/load.ts', '../stores/file/store.ts'],
    ['src/http/probes.ts', '../engine/loop.ts'],
    ['src/cli/run.ts', '../system/clock.ts'],
    ['src/app.ts', './emulators/kronup/server.ts'],
    ['src/app.ts', './cli/run.ts'],
    ['src/app.ts', '../test/world/fake-clock.ts'],
    ['src/attic/old.ts', '../domain/account.ts'],
  ])('refuses that %s imports %s', (path, specifier) => {
    expect(say(importProblems, path, `import type { A } from '${specifier}';`)).toHaveLength(1);
    expect(say(importProblems, path, `export { a } from '${specifier}';`)).toHaveLength(1);
    expect(say(importProblems, path, `const a = await import('${specifier}');`)).toHaveLength(1);
  });

  it.each([
    ['src/main.ts', './cli/program.ts'],
    ['src/cli/demo.ts', '../emulators/kronup/server.ts'],
    ['src/app.ts', './stores/registry.ts'],
    ['src/app.ts', './system/clock.ts'],
    ['src/config/load.ts', '../stores/registry.ts'],
    ['src/stores/registry.ts', './file/entry.ts'],
    ['src/providers/kronup/client.ts', '../http/caller.ts'],
    ['src/providers/http/caller.ts', './send.ts'],
    ['src/stores/file/entry.ts', '../registry.ts'],
    ['src/stores/kubernetes-secret/store.ts', '../../kubernetes/connection.ts'],
    ['src/consumers/kubernetes/connection.ts', '../../kubernetes/connection.ts'],
    ['src/stores/file/entry.ts', '../canonical-place.ts'],
    ['src/journal/sqlite/journal.ts', '../rows.ts'],
    ['src/engine/steps/mint.ts', '../../ports/provider.ts'],
    ['test/engine/loop.test.ts', '../../src/system/clock.ts'],
  ])('allows that %s imports %s', (path, specifier) => {
    expect(say(importProblems, path, `import { a } from '${specifier}';`)).toEqual([]);
  });

  it.each([
    ['src/engine/wake.ts', 'croner'],
    ['src/domain/wake.ts', 'croner'],
    ['src/stores/vault/store.ts', 'undici'],
    ['src/http/server.ts', 'undici'],
    ['src/config/load.ts', '@aws-sdk/client-secrets-manager'],
    ['src/engine/loop.ts', 'pino'],
    ['src/app.ts', 'fastify'],
    ['src/domain/account.ts', 'zod'],
    ['src/app.ts', 'left-pad'],
    ['src/domain/secret.ts', 'node:fs'],
    ['src/ports/store.ts', 'node:stream'],
    ['src/app.ts', 'node:sqlite'],
    ['src/engine/loop.ts', 'node:timers/promises'],
    ['src/app.ts', 'node:process'],
  ])('refuses that %s imports the package %s', (path, specifier) => {
    expect(say(importProblems, path, `import { a } from '${specifier}';`)).toHaveLength(1);
  });

  it.each([
    ['src/domain/schedule.ts', 'croner'],
    ['src/providers/kronup/client.ts', 'undici'],
    ['src/http/client.ts', 'undici'],
    ['src/stores/aws-secrets-manager/store.ts', '@aws-sdk/client-sts'],
    ['src/ports/settings.ts', 'zod'],
    ['src/domain/credential.ts', 'node:crypto'],
    ['src/stores/file/store.ts', 'node:fs/promises'],
    ['src/journal/sqlite/journal.ts', 'node:sqlite'],
  ])('allows that %s imports the package %s', (path, specifier) => {
    expect(say(importProblems, path, `import { a } from '${specifier}';`)).toEqual([]);
  });

  it('lets only a worker use what is inside a worker', () => {
    const text = "import { parentPort } from 'node:worker_threads';";
    expect(say(importProblems, 'src/journal/sqlite/worker.ts', text)).toEqual([]);
    expect(say(importProblems, 'src/journal/sqlite/journal.ts', text)).toHaveLength(1);
    expect(
      say(importProblems, 'src/config/load.ts', "import { Worker } from 'node:worker_threads';"),
    ).toEqual([]);
  });

  it('says what to do instead', () => {
    expect(say(importProblems, 'src/engine/loop.ts', "import { a } from '../journal/rows.ts';")).toEqual([
      'imports src/journal/rows.ts: engine may import ports, domain. ' +
        'Take it as an argument through a port, or move it inward',
    ]);
  });
});

describe('the rule of one home', () => {
  it.each([
    ['Date.now()', 'src/system/clock.ts'],
    ['new Date()', 'src/system/clock.ts'],
    ['performance.now()', 'src/system/clock.ts'],
    ['globalThis.Date.now()', 'src/system/clock.ts'],
    ['new globalThis.Date()', 'src/system/clock.ts'],
    ['setTimeout(run, 5)', 'src/system/clock.ts'],
    ['list.forEach(setTimeout)', 'src/system/clock.ts'],
    ['AbortSignal.any([])', 'src/system/clock.ts'],
    ['AbortSignal.timeout(5)', 'src/system/clock.ts'],
    ['Math.random()', 'src/system/random.ts'],
    ['Math["random"]()', 'src/system/random.ts'],
    ['crypto.randomUUID()', 'src/system/random.ts'],
    ['process.env.HOME', 'src/main.ts'],
    ['const { env } = process', 'src/main.ts'],
    ['({ process })', 'src/main.ts'],
    ['console.log(1)', 'src/main.ts'],
    ['import { randomBytes } from "node:crypto"', 'src/system/random.ts'],
    ['import { Worker } from "node:worker_threads"', 'src/system/thread.ts'],
  ])('finds %s outside %s', (text, home) => {
    expect(say(homeProblems, 'src/engine/loop.ts', text)).toHaveLength(1);
    expect(say(homeProblems, home, text)).toEqual([]);
  });

  it.each([
    'new Date(0)',
    'Date.parse(text)',
    'make(Date)',
    'Math.max(1, 2)',
    'host.process.id',
    'const steps = { process: 1, console() {} }',
    'interface Host { process: number }',
    'clock.setTimeout(5)',
    'crypto.createHash("sha256")',
    'import { createHash } from "node:crypto"',
  ])('lets %s be', (text) => {
    expect(say(homeProblems, 'src/engine/loop.ts', text)).toEqual([]);
  });

  it('leaves tests and the toolchain alone', () => {
    expect(say(homeProblems, 'test/world/daemon.ts', 'process.env.HOME')).toEqual([]);
  });
});

describe('the rule of form', () => {
  const head = '// What it is for.\n';

  it.each([
    ['a file of 301 lines', 'src/a.ts', `${head}${'a();\n'.repeat(300)}`],
    ['a test of 301 lines', 'test/a.test.ts', 'a();\n'.repeat(301)],
    ['a function of 71 lines', 'src/a.ts', `${head}function f() {\n${'a();\n'.repeat(69)}}`],
    ['an arrow function of 71 lines', 'src/a.ts', `${head}const f = () => {\n${'a();\n'.repeat(69)}};`],
    ['a line of 141 characters', 'src/a.ts', `${head}a('${'x'.repeat(136)}')`],
    ['a name with a capital', 'src/loadConfig.ts', head],
    ['a name with an underscore', 'src/load_config.ts', head],
    ['a folder with a capital', 'src/Config/load.ts', head],
    ['a drawer', 'src/config/utils.ts', head],
    ['a folder that is a drawer', 'src/common/load.ts', head],
    ['no header', 'src/a.ts', 'a();'],
    ['a header that comes after code', 'src/a.ts', `a();\n${head}`],
    ['a marker for later', 'src/a.ts', `${head}// ${MARKER}: finish`],
    ['a default export', 'src/a.ts', `${head}export default a;`],
    ['an export as default', 'src/a.ts', `${head}export { a as default };`],
  ])('finds %s', (_what, path, text) => {
    expect(say(formProblems, path, text)).toHaveLength(1);
  });

  it.each([
    ['a file of 300 lines', 'src/a.ts', `${head}${'a();\n'.repeat(299)}`],
    ['a function of 70 lines', 'src/a.ts', `${head}function f() {\n${'a();\n'.repeat(68)}}`],
    ['a long suite', 'test/a.test.ts', `describe('a', () => {\n${'a();\n'.repeat(80)}});`],
    ['a header after the shebang', 'src/main.ts', `#!/usr/bin/env node\n${head}a();`],
    ['a test of 300 lines', 'test/a.test.ts', 'a();\n'.repeat(300)],
    ['a test without a header', 'test/domain/decide.test.ts', 'a();'],
    ['a number in a name', 'src/journal/migrations/0001-initial.ts', head],
  ])('lets %s be', (_what, path, text) => {
    expect(say(formProblems, path, text)).toEqual([]);
  });
});

describe('the rule of tests', () => {
  it.each([
    ['a sleep', 'await new Promise((resolve) => setTimeout(resolve, 5));'],
    ['a sleep by promise', "import { setTimeout as sleep } from 'node:timers/promises';"],
    ['two tests of one name', "it('a', f); it('a', f);"],
    ['two tests of one name in a suite', "describe('s', () => { it('a', f); it.each([1])('a', f); });"],
    ['a name that begins with should', "it('should work', f);"],
  ])('finds %s', (_what, text) => {
    expect(say(suiteProblems, 'test/a.test.ts', text)).toHaveLength(1);
  });

  it('lets two suites have tests of one name', () => {
    const text = "describe('s', () => { it('a', f); }); describe('t', () => { it('a', f); });";
    expect(say(suiteProblems, 'test/a.test.ts', text)).toEqual([]);
  });
});
