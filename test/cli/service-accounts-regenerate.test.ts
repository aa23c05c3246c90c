import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/ports/host.ts';
import { serviceAccountWorld } from './service-account-world.ts';

const yes = () => 'y';

describe('rekeyd service-accounts regenerate', () => {
  it('asks on a terminal, and delivers the new token after a yes', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    const { code, asked, errors } = await at.runFor(
      yes,
      'sa',
      'regenerate',
      at.id(0),
      '--deliver',
      'files:new',
    );
    expect(asked).toEqual([expect.stringContaining('Make a new credential')]);
    expect(errors).toContain('Its token dies at once');
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.mints(at.id(0))).toBe(1);
    expect(await at.file('new')).toBe((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('mints nothing after a no, and nothing where nobody can be asked', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    expect((await at.runFor(() => '', 'sa', 'regenerate', at.id(0))).code).toBe(EXIT.usage);
    const alone = await at.run('sa', 'regenerate', at.id(0));
    expect(alone.code).toBe(EXIT.usage);
    expect(alone.errors).toContain('nobody can be asked here');
    expect(at.kronup.mints()).toBe(0);
  });

  it('mints nothing where a destination cannot be written', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.put('doc.json', 'no JSON at all');
    const { code, errors } = await at.run(
      'sa',
      'regenerate',
      at.id(0),
      '--yes',
      '--deliver',
      'files:doc.json#key',
    );
    expect(errors).toContain('format key cannot keep the rest');
    expect(code).toBe(EXIT.failed);
    expect(at.kronup.mints()).toBe(0);
  });

  it('writes over the old token of the same account unasked', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.run('sa', 'read', at.id(0), '--deliver', 'files:same');
    const { code } = await at.run('sa', 'regenerate', at.id(0), '--yes', '--deliver', 'files:same');
    expect(code).toBe(EXIT.ok);
    expect(await at.file('same')).toBe((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('finds out that it was done where the answer is lost, and delivers', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    at.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT' });
    const { code, output } = await at.run('sa', 'regenerate', at.id(0), '--yes', '--deliver', 'files:new');
    expect(output).toMatch(/^recovered +true$/m);
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.mints()).toBe(1);
    expect(await at.file('new')).toBe((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('says that a request that never had an effect had none', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    at.kronup.fault({ kind: 'lost-answer', when: 'before', method: 'PUT' });
    const { code, errors } = await at.run('sa', 'regenerate', at.id(0), '--yes');
    expect(errors).toContain('its token is still the one of before');
    expect(code).toBe(EXIT.failed);
  });

  it('refuses the account that rekeyd itself authenticates with', async () => {
    await using at = await serviceAccountWorld({ accounts: 0 });
    const { code, errors } = await at.run('sa', 'regenerate', at.kronup.manager.id, '--yes');
    expect(errors).toContain('would lock rekeyd out');
    expect(code).toBe(EXIT.held);
    expect(at.kronup.mints()).toBe(0);
  });

  it('has a managed account rotated by its daemon', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.configure(at.account(0, ['minInterval: 1s']), ['probes: { address: 127.0.0.1:0 }']);
    await at.daemon();
    const name = at.kronup.accounts[0]?.name ?? '';
    const asked = ['sa', 'regenerate', at.id(0), '--yes', '--reason', 'trying', '--wait', '20s'];
    const { code, output, errors } = await at.run(...asked);
    expect(errors).toContain(
      `is managed here as ${name}: the daemon rotates it and delivers to files:${name}.token`,
    );
    expect(output).toContain(name);
    expect(code).toBe(EXIT.ok);
    expect(await at.file(`${name}.token`)).toBe((await at.kronup.liveToken(at.id(0))).reveal());
    expect(at.kronup.mints(at.id(0))).toBe(1);
  });

  it('does not go around the daemon of a managed account where none runs', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const { code, errors } = await at.run('sa', 'regenerate', at.id(0), '--yes', '--reason', 'trying');
    expect(errors).toContain('only its daemon may do that. no daemon answers');
    expect(code).toBe(EXIT.unreachable);
    expect(at.kronup.mints()).toBe(0);
  });

  it('delivers nothing of a managed account elsewhere', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const { code } = await at.run(
      'sa',
      'regenerate',
      at.id(0),
      '--yes',
      '--reason',
      'x',
      '--deliver',
      'files:x',
    );
    expect(code).toBe(EXIT.usage);
    expect(at.kronup.mints()).toBe(0);
  });
});

describe('a delivery that fails after the mint', () => {
  it('is tried again for a person who wants it, from memory, without minting again', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    const secrets = join(at.folder, 'secrets');
    const asked = ['sa', 'regenerate', at.id(0), '--deliver', 'files:new'];
    let questions = 0;
    // The folder goes away between the last look and the mint, and comes back while the person is asked.
    const answer = async (question: string): Promise<string> => {
      questions += 1;
      if (question.startsWith('Make')) await rename(secrets, `${secrets}-away`);
      else await rename(`${secrets}-away`, secrets);
      return 'y';
    };
    const { code } = await at.runFor(answer, ...asked);
    expect(questions).toBe(2);
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.mints()).toBe(1);
    expect(await at.file('new')).toBe((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('says how the token can be had again where nobody can be asked', async () => {
    await using at = await serviceAccountWorld({ accounts: 1 });
    const secrets = join(at.folder, 'secrets');
    const minted = at.kronup
      .when((event) => event.kind === 'minted')
      .then(() => rename(secrets, `${secrets}-away`));
    const { code, errors } = await at.run('sa', 'regenerate', at.id(0), '--yes', '--deliver', 'files:new');
    await minted;
    await stat(`${secrets}-away`);
    expect(errors).toContain('not delivered to files:new');
    expect(errors).toContain(
      `rekeyd service-accounts read ${at.id(0)} --provider kronup --deliver as before`,
    );
    expect(code).toBe(EXIT.failed);
  });
});
