import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { compileProgram, type CompiledProgram } from '../world/compiled.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const MINUTES = 60_000;

/** As somebody's own program would be written, with types where they matter. */
const KEYCARD = `
import { openKeycard, type CreatedCredential, type Failure, type KeycardClient } from 'rekeyd/keycard';

const [baseUrl = '', clientId = '', clientSecret = '', organisation = '', accountId = ''] = process.argv.slice(2);
await using client: KeycardClient = openKeycard({ baseUrl, clientId, clientSecret });
const { signal } = new AbortController();
const made = await client.credentials.create({ organisation, accountId }, { name: 'from a program' }, { signal });
if (!made.ok) throw new Error(made.failure.message);
const credential: CreatedCredential = made.value.value;
const names: string[] = [];
for await (const page of client.credentials.pages({ organisation, accountId }, { signal })) {
  if (page.ok) names.push(...page.value.value.items.map(({ name }) => name));
}
const gone = await client.credentials.delete({ organisation, accountId, credentialId: credential.id }, { signal });
const again = await client.credentials.delete({ organisation, accountId, credentialId: credential.id }, { signal });
const failure: Failure | undefined = again.ok ? undefined : again.failure;
console.log(JSON.stringify({ names, shown: String(credential.clientSecret), gone: gone.ok, again: failure?.kind }));
`;

const KRONUP = `
import { openKronup, type Result, type Reply, type ServiceAccount } from 'rekeyd/kronup';

const [baseUrl = '', token = '', id = ''] = process.argv.slice(2);
await using client = openKronup({ baseUrl, token, userAgent: 'mine/1' });
const { signal } = new AbortController();
const read: Result<Reply<ServiceAccount>> = await client.read(id, { signal });
const minted = await client.regenerate(id, { signal });
const isNew = read.ok && minted.ok && read.value.value.serviceToken?.reveal() !== minted.value.value.serviceToken.reveal();
console.log(JSON.stringify({ name: read.ok ? read.value.value.userName : '', isNew }));
`;

/** What must not compile. */
const WRONG = `
import { openKeycard } from 'rekeyd/keycard';

const client = openKeycard({ clientId: 'a', clientSecret: 'b' });
const { signal } = new AbortController();
// @ts-expect-error a name is needed
void client.accounts.create({ organisation: 'o' }, { description: 'x' }, { signal });
// @ts-expect-error a failure is looked at first
void client.accounts.retrieve({ organisation: 'o', accountId: 'a' }, { signal }).then((result) => result.value);
// @ts-expect-error nothing else of the package is for programs
void import('rekeyd/dist/main.js');
`;

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'esnext',
    lib: ['esnext'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  },
  include: ['*.ts'],
};

describe('the clients in the package', () => {
  let folder = '';
  let compiled: CompiledProgram;

  beforeAll(async () => {
    compiled = await compileProgram();
    folder = await mkdtemp(join(tmpdir(), 'rekeyd-consumer-'));
    await mkdir(join(folder, 'node_modules'));
    await symlink(dirname(dirname(compiled.main)), join(folder, 'node_modules/rekeyd'));
    await symlink(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
    const files = { 'keycard.ts': KEYCARD, 'kronup.ts': KRONUP, 'wrong.ts': WRONG };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  }, 5 * MINUTES);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await compiled[Symbol.asyncDispose]();
  });

  const runProgram = async (name: string, ...args: string[]): Promise<unknown> => {
    const { stdout } = await run(process.execPath, ['--no-warnings', join(folder, name), ...args]);
    return JSON.parse(stdout) as unknown;
  };

  it(
    'have types that hold a program to what they do',
    async () => {
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      const checked = await run(process.execPath, [tsc, '--project', folder]).catch(
        (error: unknown) => error,
      );
      expect(checked).toMatchObject({ stdout: '' });
    },
    5 * MINUTES,
  );

  it('speak to Keycard for a program that imports rekeyd/keycard', async () => {
    await using emulator = await startKeycardEmulator({ clock: systemClock(), random: systemRandom() });
    const { clientId, clientSecret } = emulator.manager;
    const [account] = emulator.accounts;
    const where = [emulator.organisation, account?.id ?? ''];
    const said = await runProgram('keycard.ts', emulator.url, clientId, clientSecret.reveal(), ...where);
    const want = { names: ['first', 'from a program'], shown: '[secret]', gone: true, again: 'not-found' };
    expect(said).toEqual(want);
  });

  it('speak to Kronup for a program that imports rekeyd/kronup', async () => {
    await using emulator = await startKronupEmulator({ clock: systemClock(), random: systemRandom() });
    const [account] = emulator.accounts;
    const token = emulator.manager.token.reveal();
    const said = await runProgram('kronup.ts', emulator.url, token, account?.id ?? '');
    expect(said).toEqual({ name: account?.name, isNew: true });
  });
});
