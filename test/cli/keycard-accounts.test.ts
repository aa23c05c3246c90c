import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/ports/host.ts';
import { keycardCliWorld } from './keycard-cli-world.ts';
import type { KeycardCliWorld } from './keycard-cli-world.ts';

describe('rekeyd service-accounts at Keycard', () => {
  it('creates, reads, updates, lists and deletes accounts', async () => {
    const at = await keycardCliWorld();
    const created = await at.run('sa', 'create', '--name', 'fresh', '--description', 'for CI', '-o', 'json');
    const { id } = JSON.parse(created.output) as { id: string };
    expect(at.keycard.accounts.map(({ name }) => name)).toContain('fresh');
    expect((await at.run('sa', 'update', id, '--name', 'renamed')).code).toBe(EXIT.ok);
    expect((await at.run('sa', 'read', id)).output).toMatch(/^name +renamed$/m);
    expect((await at.run('sa', 'list', '--name', 'ren*')).output).toContain(id);
    expect((await at.run('sa', 'delete', id)).code).toBe(EXIT.usage);
    expect((await at.run('sa', 'delete', id, '--yes')).output).toMatch(/^state +deleted$/m);
    expect(at.keycard.accounts.map((account) => account.id)).not.toContain(id);
  });

  it('makes a credential whose two values go into one target, unseen', async () => {
    const at = await keycardCliWorld();
    const asked = ['sa', 'credentials', 'create', at.id(0), '--name', 'ci', '--deliver', 'files:ci.json'];
    const { code, output, errors } = await at.run(...asked);
    expect(code).toBe(EXIT.ok);
    const { clientId, clientSecret } = at.keycard.liveCredential(at.id(0));
    const held = await readFile(join(at.folder, 'secrets/ci.json'), 'utf8');
    expect(JSON.parse(held)).toEqual({ client_id: clientId, client_secret: clientSecret.reveal() });
    expect(output + errors).not.toContain(clientSecret.reveal());
    expect((await at.run('sa', 'credentials', 'list', at.id(0))).output).toContain(clientId);
  });

  it('makes no credential whose secret would be lost', async () => {
    const at = await keycardCliWorld();
    const { code, errors } = await at.run('sa', 'credentials', 'create', at.id(0), '--name', 'ci');
    expect(errors).toContain('is shown once and would be lost');
    expect(code).toBe(EXIT.usage);
    expect(at.keycard.mints()).toBe(0);
  });

  it('says how to find a credential whose making got no answer', async () => {
    const at = await keycardCliWorld();
    at.keycard.fault({ kind: 'lost-answer', when: 'after', method: 'POST', path: credentialsPath(at) });
    const asked = ['sa', 'credentials', 'create', at.id(0), '--name', 'ci', '--deliver', 'files:ci.json'];
    const { code, errors } = await at.run(...asked);
    expect(errors).toContain(
      'A credential of this name may have been made; see with: rekeyd service-accounts credentials list',
    );
    expect(code).toBe(EXIT.failed);
    expect(at.keycard.mints()).toBe(1);
  });

  it('names the targets that hold a credential before it is deleted', async () => {
    const at = await keycardCliWorld();
    await at.run('sa', 'credentials', 'create', at.id(0), '--name', 'ci', '--deliver', 'files:held.json');
    await at.configure([
      '  - name: managed',
      '    provider: keycard',
      `    accountId: ${at.id(0)}`,
      '    targets: [{ store: files, address: held.json, consumerLag: 1m }]',
    ]);
    const [first, second] = at.keycard.credentials(at.id(0));
    const held = await at.run('sa', 'credentials', 'delete', at.id(0), second?.id ?? '', '--yes');
    expect(held.errors).toContain('WARNING: held by files:held.json: what reads there will be refused');
    const last = await at.run('sa', 'credentials', 'delete', at.id(0), first?.id ?? '', '--yes');
    expect(last.errors).toContain('None of its targets holds it.');
    expect(last.errors).toContain('WARNING: it is the last credential of its account.');
    expect(at.keycard.credentials(at.id(0))).toEqual([]);
  });

  it('refuses what rekeyd itself authenticates with, account and credential', async () => {
    const at = await keycardCliWorld();
    const { id, credentialId } = at.keycard.manager;
    expect((await at.run('sa', 'delete', id, '--yes')).code).toBe(EXIT.held);
    expect((await at.run('sa', 'credentials', 'delete', id, credentialId, '--yes')).code).toBe(EXIT.held);
    expect(at.keycard.credentials(id)).toHaveLength(1);
  });

  it('looks for that in the account alone that is to be ended, however many there are', async () => {
    const at = await keycardCliWorld();
    const id = at.id(0);
    await at.run('sa', 'delete', id, '--yes');
    const asked = at.keycard.events.flatMap((event) =>
      event.kind === 'called' && event.operation === 'credentialList' ? [event.accountId] : [],
    );
    expect(asked).toEqual([id]);
    expect(at.keycard.calls({ operation: 'accountList' })).toBe(0);
  });

  it('has no verb that replaces a credential in place, and says what there is instead', async () => {
    const at = await keycardCliWorld();
    const { code, errors } = await at.run('sa', 'regenerate', at.id(0), '--yes');
    expect(errors).toContain('make another credential with: rekeyd service-accounts credentials create');
    expect(code).toBe(EXIT.usage);
  });
});

describe('rekeyd check --canary at Keycard', () => {
  it('proves every fact, leaves nothing behind, and touches no other credential', async () => {
    const at = await keycardCliWorld();
    const before = at.keycard.credentials(at.id(0));
    const { code, output } = await at.run('check', '--canary', at.id(0), '--yes');
    expect(output).toMatch(/(\d+) facts: \1 hold, 0 differ, 0 unknown\./);
    expect(output).toMatch(/holds +Both are valid at the same time/);
    expect(code).toBe(EXIT.ok);
    expect(at.keycard.credentials(at.id(0)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(at.keycard.mints()).toBe(2);
  });

  it('deletes what it has made where an answer was lost, by its name', async () => {
    const at = await keycardCliWorld();
    at.keycard.fault({ kind: 'lost-answer', when: 'after', method: 'POST', path: credentialsPath(at) });
    const { code, output } = await at.run('check', '--canary', at.id(0), '--yes');
    expect(output).toMatch(/unknown +A credential is made with its secret/);
    expect(code).toBe(EXIT.failed);
    expect(at.keycard.credentials(at.id(0))).toHaveLength(1);
  });
});

describe('rekeyd import from Keycard', () => {
  it('leaves out the account that rekeyd authenticates with, known by its client id', async () => {
    const at = await keycardCliWorld();
    const { output, errors } = await at.run(
      'import',
      '--store',
      'files',
      '--address',
      '<name>.json',
      '-o',
      'jsonl',
    );
    const ids = output
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { accountId: string }).accountId);
    expect(ids).toEqual([at.id(0), at.id(1)]);
    expect(errors).toContain('Left out, what rekeyd authenticates with');
  });
});

function credentialsPath(at: KeycardCliWorld): string {
  return `/organizations/${at.keycard.organisation}/service-accounts/${at.id(0)}/credentials`;
}
