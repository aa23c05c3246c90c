import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/config/yaml.ts';
import { EXIT } from '../../src/ports/host.ts';
import { serviceAccountWorld } from './service-account-world.ts';
import type { ServiceAccountWorld } from './service-account-world.ts';

let world: ServiceAccountWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function start(accounts: number): Promise<ServiceAccountWorld> {
  world = await serviceAccountWorld({ accounts });
  return world;
}

function written(output: string): unknown {
  const parsed = parseYaml(output);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.document.value;
}

describe('rekeyd import', () => {
  it('writes open accounts as a file that can be included and is good', async () => {
    const at = await start(3);
    await at.kronup.person.close(at.id(2));
    const asked = ['--store', 'files', '--address', '<name>/token', '--schedule', '0 3 * * 1'];
    const { code, output, errors } = await at.run('import', ...asked);
    expect(code).toBe(EXIT.ok);
    const [first, second] = at.kronup.accounts;
    expect(written(output)).toEqual({
      accounts: [first, second].map((account) => ({
        name: account?.name,
        provider: 'kronup',
        accountId: account?.id,
        schedule: '0 3 * * 1',
        targets: [{ store: 'files', address: `${account?.name}/token` }],
      })),
    });
    expect(errors).toContain('Left out, what rekeyd authenticates with: rekeyd-manager');
    expect(errors).toContain(`Left out, closed: ${at.kronup.accounts[2]?.name}`);
    await writeFile(join(at.folder, 'more.yaml'), output);
    await at.configure([], ['include: more.yaml']);
    expect((await at.run('check', '--offline')).output).toContain('is good: 2 accounts');
  });

  it('leaves out accounts that are configured already, and says so', async () => {
    const at = await start(2);
    await at.configure(at.account(0));
    const { output, errors } = await at.run('import', '--store', 'files', '--address', '<id>');
    expect(written(output)).toMatchObject({ accounts: [{ accountId: at.id(1) }] });
    expect(errors).toContain(`Left out, configured already: ${at.kronup.accounts[0]?.name}`);
  });

  it('takes those whose names match', async () => {
    const at = await start(3);
    const [first, second] = at.kronup.accounts.map(({ name }) => name);
    const { output } = await at.run(
      'import',
      '--match',
      first ?? '',
      '--match',
      second ?? '',
      '--except',
      `${second}*`,
    );
    expect(written(output)).toMatchObject({ accounts: [{ name: first }] });
  });

  it('gives no two accounts the same name, nor one that is taken', async () => {
    const at = await start(2);
    for (const index of [0, 1]) await at.run('sa', 'update', at.id(index), '--name', 'Billing CI');
    const { output } = await at.run('import', '--store', 'files', '--address', '<name>');
    expect(written(output)).toMatchObject({
      accounts: [
        { name: 'Billing-CI', targets: [{ address: 'Billing-CI' }] },
        { name: `Billing-CI-${at.id(1)}`, targets: [{ address: `Billing-CI-${at.id(1)}` }] },
      ],
    });
  });

  it('leaves targets to be filled in, which a check then asks for', async () => {
    const at = await start(1);
    const { output, errors } = await at.run('import');
    expect(errors).toContain('Each target is still to be filled in');
    await writeFile(join(at.folder, 'more.yaml'), output);
    await at.configure([], ['include: more.yaml']);
    const { code, output: checked } = await at.run('check', '--offline');
    expect(checked).toMatch(
      /more\.yaml:\d+:\d+: accounts\[0\]\.targets\[0\]\.store: there is no store "FILL-IN"; configured: files/,
    );
    expect(code).toBe(EXIT.usage);
  });

  it('writes JSON Lines for large fleets', async () => {
    const at = await start(1);
    const { output } = await at.run('import', '-o', 'jsonl', '--store', 'files', '--address', '<id>');
    await writeFile(join(at.folder, 'more.jsonl'), output);
    await at.configure([], ['include: more.jsonl']);
    expect((await at.run('check', '--offline')).output).toContain('is good: 1 account');
  });

  it.each([
    [['--store', 'nowhere', '--address', '<id>'], 'there is no such store; configured: files'],
    [['--store', 'files'], 'say which address in it'],
    [['--address', '<id>'], 'say in which store'],
    [['--store', 'files', '--address', 'one'], 'all accounts would share one target'],
    [['-o', 'jsonl'], 'each line is a whole account'],
    [['--provider', 'nobody'], 'there is no such provider; configured: kronup'],
  ])('refuses %j', async (args, want) => {
    const at = await start(0);
    const { code, errors } = await at.run('import', ...args);
    expect(errors).toContain(want);
    expect(code).toBe(EXIT.usage);
  });
});
