import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/ports/host.ts';
import { serviceAccountWorld } from './service-account-world.ts';

const yes = () => 'y';

describe('rekeyd service-accounts list', () => {
  it('lists all accounts, closed ones too, and says which are managed here', async () => {
    await using at = await serviceAccountWorld({ accounts: 2 });
    await at.configure(at.account(0));
    await at.kronup.person.close(at.id(1));
    const { code, output } = await at.run('sa', 'list', '-o', 'json');
    const { items } = JSON.parse(output) as { items: { id: string; state: string; managedAs?: string }[] };
    expect(items.map(({ id, state, managedAs }) => [id, state, managedAs])).toEqual([
      [at.kronup.manager.id, 'open', undefined],
      [at.id(0), 'open', at.kronup.accounts[0]?.name],
      [at.id(1), 'closed', undefined],
    ]);
    expect(code).toBe(EXIT.ok);
  });

  it('filters by state and by name', async () => {
    await using at = await serviceAccountWorld({ accounts: 3 });
    await at.kronup.person.close(at.id(1));
    const closed = await at.run('service-accounts', 'list', '--closed', '-o', 'yaml');
    expect(closed.output.match(/- id: (\w+)/g)).toEqual([`- id: ${at.id(1)}`]);
    const named = await at.run('sa', 'list', '--name', 'rekeyd-*', '--name', 'nobody');
    expect(named.output.split('\n').filter((line) => line !== '')).toHaveLength(2);
    expect(named.output).toContain(at.kronup.manager.id);
  });

  it('never shows a token', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    for (const output of ['table', 'json', 'yaml']) {
      expect((await at.run('sa', 'list', '-o', output)).output).not.toMatch(/eyJ/);
    }
  });
});

describe('rekeyd service-accounts read', () => {
  it('shows an account with the fingerprint of its token only', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    const { output } = await at.run('sa', 'read', at.id(0), '-o', 'json');
    expect(JSON.parse(output)).toMatchObject({ id: at.id(0), state: 'open' });
    expect(output).toMatch(/"fingerprint": "[\da-f]{16}"/);
    expect(output).not.toContain((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('shows a closed account, which the API itself reads no more', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.kronup.person.close(at.id(0));
    expect((await at.run('sa', 'read', at.id(0))).output).toMatch(/^state +closed$/m);
  });

  it('reveals the token on a terminal, and elsewhere only with --yes', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    const token = (await at.kronup.liveToken(at.id(0))).reveal();
    expect((await at.runFor(yes, 'sa', 'read', at.id(0), '--reveal')).output).toContain(token);
    const refused = await at.run('sa', 'read', at.id(0), '--reveal');
    expect(refused).toMatchObject({ code: EXIT.usage, output: '' });
    expect(refused.errors).toContain('add --yes if that is meant');
    expect((await at.run('sa', 'read', at.id(0), '--reveal', '--yes')).output).toContain(token);
  });

  it('delivers the live token to several places in several formats, and shows it nowhere', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.put('doc.json', '{"other":1}');
    const token = (await at.kronup.liveToken(at.id(0))).reveal();
    const env = '{ store: files, address: app.env, format: { kind: dotenv, variable: TOKEN } }';
    const to = ['--deliver', 'files:plain', '--deliver', 'files:doc.json#kronup', '--deliver', env];
    const { code, output, errors } = await at.run('sa', 'read', at.id(0), ...to);
    expect(code).toBe(EXIT.ok);
    expect(await at.file('plain')).toBe(token);
    expect(JSON.parse((await at.file('doc.json')) ?? '')).toEqual({ other: 1, kronup: token });
    expect(await at.file('app.env')).toContain(token);
    expect(output + errors).not.toContain(token);
  });

  it('says that there is no such account', async () => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const { code, errors } = await at.run('sa', 'read', 'nobody');
    expect(code).toBe(EXIT.failed);
    expect(errors).toContain('there is no such open account');
  });
});

describe('rekeyd service-accounts create', () => {
  it('makes an account and delivers its token without showing it', async () => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const asked = ['--name', 'fresh', '--role', 'member', '--deliver', 'files:fresh', '-o', 'json'];
    const { code, output } = await at.run('sa', 'create', ...asked);
    expect(code).toBe(EXIT.ok);
    const { id, delivered } = JSON.parse(output) as { id: string; delivered: string[] };
    expect(delivered).toEqual(['files:fresh']);
    expect(await at.file('fresh')).toBe((await at.kronup.liveToken(id)).reveal());
    expect(output).not.toMatch(/eyJ/);
  });

  it('makes nothing where a destination holds something of others, unless --overwrite is given', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.put('taken', (await at.kronup.liveToken(at.id(0))).reveal());
    const asked = ['sa', 'create', '--name', 'fresh', '--role', 'member', '--deliver', 'files:taken'];
    const refused = await at.run(...asked);
    expect(refused.code).toBe(EXIT.failed);
    expect(refused.errors).toContain('it holds something that is not of this account');
    expect(at.kronup.calls({ method: 'POST' })).toBe(0);
    expect((await at.run(...asked, '--overwrite')).code).toBe(EXIT.ok);
  });

  it.each([
    [['--role', 'member'], '--name is missing'],
    [['--name', 'ab', '--role', 'member'], '--name: it has 2 characters; allowed: 3 to 64 characters'],
    [['--name', 'fresh', '--role', 'owner'], '--role: Kronup has no such role'],
    [['--name', 'fresh', '--role', 'member', '--description', 'x'], '--description: this cannot be set'],
    [['--name', 'fresh', '--role', 'member', '--deliver', 'nowhere:x'], 'there is no store "nowhere"'],
    [['--name', 'fresh', '--role', 'member', '--deliver', 'files'], 'it is STORE:ADDRESS'],
    [['--name', 'fresh', '--role', 'member', '--deliver', 'files:a', '--deliver', 'files:a'], 'given twice'],
  ])('refuses %j', async (args, want) => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const { code, errors } = await at.run('sa', 'create', ...args);
    expect(errors).toContain(want);
    expect(code).toBe(EXIT.usage);
    expect(at.kronup.calls({ method: 'POST' })).toBe(0);
  });

  it('refuses to write to a target that the daemon writes', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const name = at.kronup.accounts[0]?.name ?? '';
    const asked = ['sa', 'create', '--name', 'fresh', '--role', 'member', '--deliver', `files:${name}.token`];
    const { code, errors } = await at.run(...asked);
    expect(errors).toContain(`it is a target of the account ${name}`);
    expect(code).toBe(EXIT.usage);
  });
});

describe('rekeyd service-accounts update', () => {
  it('renames an account', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    expect((await at.run('sa', 'update', at.id(0), '--name', 'renamed')).code).toBe(EXIT.ok);
    expect(at.kronup.accounts[0]?.name).toBe('renamed');
  });

  it('asks before it takes a role from the account that rekeyd authenticates with', async () => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const asked = await at.runFor(() => 'n', 'sa', 'update', at.kronup.manager.id, '--role', 'member');
    expect(asked.asked).toHaveLength(1);
    expect(asked.code).toBe(EXIT.usage);
    expect(at.kronup.calls({ method: 'POST' })).toBe(0);
  });

  it('refuses to change nothing', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    expect((await at.run('sa', 'update', at.id(0))).errors).toContain('say what to change');
  });
});

describe('rekeyd service-accounts close', () => {
  it('asks, naming what it means for the targets of a managed account', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const name = at.kronup.accounts[0]?.name ?? '';
    const { code, errors, asked } = await at.runFor(yes, 'sa', 'close', at.id(0));
    expect(asked).toEqual([expect.stringContaining('Close')]);
    expect(errors).toContain(
      `WARNING: it is managed here as ${name}. What reads files:${name}.token will be refused`,
    );
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.accounts[0]?.closed).toBe(true);
  });

  it('closes nothing where nobody can be asked', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    expect((await at.run('sa', 'close', at.id(0))).code).toBe(EXIT.usage);
    expect(at.kronup.accounts[0]?.closed).toBe(false);
  });

  it('says of a closed account that it is closed, and does nothing', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.kronup.person.close(at.id(0));
    const { code, errors } = await at.run('sa', 'close', at.id(0));
    expect(errors).toContain('is closed already');
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.calls({ method: 'DELETE' })).toBe(0);
  });
});

describe('what the kind of provider does not have', () => {
  it.each([
    [['sa', 'delete', 'x'], 'has no delete for a service account; it has: list, read, create'],
    [['sa', 'credentials', 'list', 'x'], 'each account has one credential, which is part of the account'],
    [['sa', 'list', '--provider', 'nobody'], 'there is no such provider; configured: kronup'],
  ])('is refused with what there is: %j', async (args, want) => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const { code, errors } = await at.run(...args);
    expect(errors).toContain(want);
    expect(code).toBe(EXIT.usage);
    expect(at.kronup.calls()).toBe(0);
  });
});
