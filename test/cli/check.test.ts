import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkVolumes } from '../../src/app/volumes.ts';
import { check } from '../../src/cli/check.ts';
import type { CheckCommandOptions, Checked } from '../../src/cli/check.ts';
import { runCommand } from '../../src/cli/program.ts';
import { EXIT } from '../../src/ports/host.ts';
import type { KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import { account, target } from '../builders/account.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import type { CheckWorld } from './check-world.ts';

let world: CheckWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function start(emulator: Partial<KronupEmulatorOptions> = {}): Promise<CheckWorld> {
  world = await checkWorld(emulator);
  return world;
}

async function runCheck(
  { config }: CheckWorld,
  options: Partial<CheckCommandOptions> = {},
): Promise<{ code: number; text: string; errors: string }> {
  const host = fakeHost();
  const code = await check(host, { config, output: 'table', ...options });
  return { code, text: host.written(), errors: host.complained() };
}

/** The findings of one check, each as its outcome and its message. */
async function findings(
  at: CheckWorld,
  name: string,
  options: Partial<CheckCommandOptions> = {},
): Promise<string[]> {
  const { text } = await runCheck(at, { ...options, output: 'json' });
  const checked = JSON.parse(text) as Checked;
  return checked.findings.filter((one) => one.check === name).map((one) => `${one.outcome}: ${one.message}`);
}

describe('rekeyd check', () => {
  it('finds nothing wrong where everything is as configured', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await at.put(
      `${at.kronup.accounts[0]?.name}.token`,
      (await at.kronup.liveToken(at.kronup.accounts[0]?.id ?? '')).reveal(),
    );
    const { code, text } = await runCheck(at);
    expect(text).toContain('holds the live credential');
    expect(text).toContain("the manager's role is admin");
    expect(text).toMatch(/\d+ checks: \d+ ok, 0 warnings, 0 failed\./);
    expect(code).toBe(EXIT.ok);
  });

  it('mints nothing, writes no value and makes no journal', async () => {
    const at = await start();
    await at.configure([...at.account(0), ...at.account(1)]);
    await runCheck(at, { write: true });
    expect(at.kronup.mints()).toBe(0);
    expect(await at.file(`${at.kronup.accounts[0]?.name}.token`)).toBeUndefined();
    await expect(rm(join(at.folder, 'journal.db'))).rejects.toThrow('ENOENT');
  });

  it('prints no credential', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    const live = (await at.kronup.liveToken(at.kronup.accounts[0]?.id ?? '')).reveal();
    await at.put(`${at.kronup.accounts[0]?.name}.token`, live);
    const outputs = [await runCheck(at), await runCheck(at, { output: 'json' })];
    for (const { text, errors } of outputs) {
      expect(text + errors).not.toContain(live);
      expect(text + errors).not.toContain(at.kronup.manager.token.reveal());
    }
  });

  it('asks the provider for all accounts of an organisation at once', async () => {
    const at = await start({ accounts: 40 });
    await at.configure(at.kronup.accounts.flatMap((_, index) => at.account(index)));
    const { code } = await runCheck(at);
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.calls()).toBeLessThan(5);
  });

  it('shows all problems of a bad configuration with their places, and looks at nothing', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: 'x'", 'foo: 1']));
    const { code, text } = await runCheck(at);
    expect(code).toBe(EXIT.usage);
    expect(text).toContain(`${at.config}:12:`);
    expect(text).toContain(`${at.config}:13:`);
    expect(at.kronup.calls()).toBe(0);
  });

  it('shows warnings of a good configuration', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '* * * * *'"]));
    const { text } = await runCheck(at, { offline: true });
    expect(text).toMatch(/warning: .*rekeyd\.yaml:12:.*minInterval/);
  });

  it('needs neither network nor secret when it is offline', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await rm(join(at.folder, 'manager-token'));
    const { code, text } = await runCheck(at, { offline: true });
    expect(code).toBe(EXIT.ok);
    expect(text).toContain('were not looked at');
    expect(at.kronup.calls()).toBe(0);
  });

  it('fails where the manager is a member, which cannot regenerate others', async () => {
    const at = await start({ accounts: 1, managerRole: 'member' });
    await at.configure(at.account(0));
    const { code } = await runCheck(at);
    expect(code).toBe(EXIT.failed);
    expect(await findings(at, 'role')).toEqual([
      expect.stringMatching(/^failed: .*member.*give this account the role admin/),
    ]);
  });

  it('fails where the secret of the manager credential is missing, and says where it should be', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await rm(join(at.folder, 'manager-token'));
    expect(await findings(at, 'manager')).toEqual([expect.stringMatching(/^failed: .*manager-token/)]);
    expect(await findings(at, 'accounts')).toEqual([
      expect.stringMatching(/^warning: 1 account was not looked at/),
    ]);
  });

  it('fails where the provider refuses the manager credential', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await writeFile(
      join(at.folder, 'manager-token'),
      (await at.kronup.forgeToken({ sub: 'nobody' })).reveal(),
    );
    expect(await findings(at, 'manager')).toEqual([expect.stringMatching(/^failed: /)]);
  });

  it('fails for an account that is closed, and tells the ways out', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await at.kronup.person.close(at.kronup.accounts[0]?.id ?? '');
    expect(await findings(at, 'open')).toEqual([
      expect.stringMatching(/^failed: .*closed; re-open.*reopenClosed: true/),
    ]);
  });

  it('fails for an account that is not there', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(
      at.account(0).map((line) => line.replace(/accountId: .*/, 'accountId: 64f1c0ffee0000000000a001')),
    );
    expect(await findings(at, 'open')).toEqual([expect.stringMatching(/^failed: .*not there.*accountId/)]);
  });

  it("fails for the manager's own account", async () => {
    const at = await start({ accounts: 1 });
    const lines = at
      .account(0)
      .map((line) => line.replace(/accountId: .*/, `accountId: ${at.kronup.manager.id}`));
    await at.configure(lines);
    expect(await findings(at, 'own-account')).toEqual([expect.stringMatching(/^failed: .*lock rekeyd out/)]);
  });

  it('warns where the provider hides tokens, and finds the live one by trying what the target holds', async () => {
    const at = await start({ accounts: 1, hideTokens: true });
    await at.configure(at.account(0));
    const [emulated] = at.kronup.accounts;
    await at.put(`${emulated?.name}.token`, (await at.kronup.liveToken(emulated?.id ?? '')).reveal());
    expect(await findings(at, 'token')).toEqual([expect.stringMatching(/^warning: its token is hidden/)]);
    expect(await findings(at, 'holds')).toEqual(['ok: holds the live credential']);
  });

  it('warns of a target that holds the live credential with other details than would be written now', async () => {
    const at = await start({ accounts: 1 });
    const [emulated] = at.kronup.accounts;
    const format = 'format: { kind: json, details: { account: name } }';
    await at.configure(at.account(0).map((line) => line.replace('consumerLag', `${format}, consumerLag`)));
    const token = (await at.kronup.liveToken(emulated?.id ?? '')).reveal();
    await at.put(`${emulated?.name}.token`, JSON.stringify({ token }));
    expect(await findings(at, 'holds')).toEqual([expect.stringMatching(/^warning: .*with other details/)]);
    await at.put(`${emulated?.name}.token`, JSON.stringify({ token, name: emulated?.name }));
    expect(await findings(at, 'holds')).toEqual(['ok: holds the live credential']);
  });

  it('fails for a target that holds what is not the account’s, and names both ways out', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    const name = at.kronup.accounts[0]?.name ?? '';
    await at.put(`${name}.token`, 'somebody else wrote this');
    expect(await findings(at, 'holds')).toEqual([
      expect.stringContaining(`overwrite: true, or rekeyd accept ${name} files:${name}.token`),
    ]);
    expect(await at.file(`${name}.token`)).toBe('somebody else wrote this');
  });

  it('takes the live token of another account for foreign', async () => {
    const at = await start({ accounts: 2 });
    await at.configure(at.account(0));
    const [own, other] = at.kronup.accounts;
    await at.put(`${own?.name}.token`, (await at.kronup.liveToken(other?.id ?? '')).reveal());
    expect(await findings(at, 'holds')).toEqual([
      expect.stringMatching(/^failed: holds a credential that is not/),
    ]);
  });

  it('fails for a store whose folder is missing', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    await rm(join(at.folder, 'secrets'), { recursive: true });
    expect(await findings(at, 'readable')).toEqual([expect.stringMatching(/^failed: .*does not exist/)]);
  });

  it('says what consumers will feel, and where that is not known', async () => {
    const at = await start({ accounts: 2 });
    const silent = at.account(1).map((line) => line.replace(', consumerLag: 30s', ''));
    await at.configure([...at.account(0), ...silent]);
    const { text } = await runCheck(at, { offline: true });
    expect(text).toContain(`files:${at.kronup.accounts[0]?.name}.token: 30s`);
    expect(text).toContain(`files:${at.kronup.accounts[1]?.name}.token: unknown: declare consumerLag`);
  });

  it('shows how far it is on a terminal only', async () => {
    const at = await start({ accounts: 1 });
    await at.configure(at.account(0));
    const shown: string[] = [];
    const terminal = { isTerminal: true, write: (text: string) => void shown.push(text) };
    await check(fakeHost({ errors: terminal }), { config: at.config, output: 'table' });
    expect(shown.join('')).toContain('checked 1 of 1 accounts');
    expect((await runCheck(at)).errors).toBe('');
  });

  it('is refused with words and options that it does not know', async () => {
    const host = fakeHost({ arguments: ['check', '--output', 'xml'] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain('Allowed choices are table, json');
  });
});

describe('the warning of files outside of volumes', () => {
  const files = { name: 'files', kind: 'file', config: { directory: '/data' }, hash: '' };
  const vault = { name: 'vault', kind: 'other', config: {}, hash: '' };
  const accounts = [account({ targets: [target('files:a/token'), target('vault:b')] })];
  const warningOf = (path: string) => Promise.resolve(`${path} is on no volume`);

  it('is given for file targets in a pod', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    const found = await checkVolumes({ accounts, stores: [files, vault], environment, warningOf });
    expect(found.map(({ outcome, target: id, message }) => [outcome, id, message])).toEqual([
      ['warning', 'files:a/token', '/data/a/token is on no volume'],
    ]);
  });

  it('is not given outside of pods', async () => {
    expect(await checkVolumes({ accounts, stores: [files], environment: {}, warningOf })).toEqual([]);
  });
});

describe('rekeyd schema', () => {
  it('prints the JSON Schema of the configuration', async () => {
    const host = fakeHost({ arguments: ['schema'] });
    expect(await runCommand(host)).toBe(EXIT.ok);
    expect(JSON.parse(host.written())).toMatchObject({ title: 'rekeyd configuration', type: 'object' });
  });
});
