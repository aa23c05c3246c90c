import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, callAs } from './caller.ts';
import type { Shown } from './caller.ts';
import { emulate, idOf } from './emulate.ts';

let folder: string;
let statePath: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kronup-emulator-'));
  statePath = join(folder, 'kronup.json');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

interface Started {
  readonly url: string;
  readonly accountId: string;
  readonly token: string;
}

/** A process of its own, so that it can be killed. */
async function startProcess(): Promise<{ readonly child: ChildProcess; readonly started: Started }> {
  const script = join(import.meta.dirname, 'emulate-process.ts');
  const child = spawn(process.execPath, [script, statePath], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, started: JSON.parse(line) as Started };
  }
  throw new Error('the emulator did not start');
}

describe('the Kronup emulator with a state file', () => {
  it('goes on after a restart with the same organisation, accounts and tokens', async () => {
    let wantState;
    {
      await using emulator = await emulate({ statePath });
      await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
      await call(emulator, `DELETE /service-accounts/${idOf(emulator, 1)}`);
      await call(emulator, 'POST /service-accounts', {
        body: { roleOrg: 'member', userName: 'new-service' },
      });
      wantState = (await call(emulator, 'GET /service-accounts')).body.serviceAccounts;
    }
    await using emulator = await emulate({ statePath });
    const seen = await call(emulator, 'GET /service-accounts');
    expect(seen.body.serviceAccounts.map(({ apiCalls: _, ...account }) => account)).toEqual(
      wantState.map(({ apiCalls: _, ...account }) => account),
    );
    expect(seen.body.serviceAccounts[0]?.apiCalls).toEqual({ '2026-01-05': 5 });
    expect(emulator.mints()).toBe(1);
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(200);
  });

  it('still refuses the tokens that died before a restart', async () => {
    let old;
    {
      await using emulator = await emulate({ statePath });
      old = await emulator.liveToken(idOf(emulator));
      await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    }
    await using emulator = await emulate({ statePath });
    const answer = await call(emulator, 'GET /account', { authorization: `Bearer ${old.reveal()}` });
    expect(answer.body.id).toBe('auth-api-expired');
  });

  it('loses nothing that it has told when it is killed', async () => {
    const first = await startProcess();
    const { url, accountId, token } = first.started;
    const headers = { authorization: `Bearer ${token}` };
    const minted = await fetch(`${url}/service-accounts/${accountId}`, { method: 'PUT', headers });
    const { serviceToken } = (await minted.json()) as Shown;
    const listed = await fetch(`${url}/service-accounts`, { headers });
    const { serviceAccounts } = (await listed.json()) as Shown;
    const exited = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await exited;

    await using emulator = await emulate({ statePath });
    expect(emulator.manager.token.reveal()).toBe(token);
    expect((await emulator.liveToken(accountId)).reveal()).toBe(serviceToken);
    for (const account of serviceAccounts) {
      expect((await emulator.liveToken(account.id)).reveal()).toBe(account.serviceToken);
    }
  });

  it('has done by then what it was asked, though the answer was lost', async () => {
    let old;
    {
      await using emulator = await emulate({ statePath });
      old = await emulator.liveToken(idOf(emulator));
      emulator.fault({ kind: 'lost-answer', when: 'after', method: 'PUT' });
      await expect(call(emulator, `PUT /service-accounts/${idOf(emulator)}`)).rejects.toThrow('fetch failed');
      const state = await readFile(statePath, 'utf8');
      expect(state).not.toContain(old.reveal());
    }
    await using emulator = await emulate({ statePath });
    expect((await emulator.liveToken(idOf(emulator))).reveal()).not.toBe(old.reveal());
    expect(emulator.mints(idOf(emulator))).toBe(1);
  });

  it('keeps the file to its owner', async () => {
    await using emulator = await emulate({ statePath });
    expect(emulator.accounts).toHaveLength(3);
    expect((await stat(statePath)).mode & 0o777).toBe(0o600);
  });

  it('adds accounts where it is started with more, and takes none away where with fewer', async () => {
    let wantAccounts;
    {
      await using emulator = await emulate({ statePath, accounts: 2 });
      await call(emulator, 'POST /service-accounts', {
        body: { roleOrg: 'member', userName: 'new-service' },
      });
      wantAccounts = emulator.accounts;
    }
    {
      await using emulator = await emulate({ statePath, accounts: 4 });
      expect(emulator.accounts.slice(0, 3)).toEqual(wantAccounts);
      expect(emulator.accounts).toHaveLength(5);
    }
    await using emulator = await emulate({ statePath, accounts: 1 });
    expect(emulator.accounts).toHaveLength(5);
  });

  it('does not bring back an account that was removed', async () => {
    {
      await using emulator = await emulate({ statePath });
      await emulator.person.remove(idOf(emulator));
    }
    await using emulator = await emulate({ statePath });
    expect(emulator.accounts).toHaveLength(2);
  });

  it('refuses a state file that is none, and says which and what to do', async () => {
    await writeFile(statePath, '{"format":2}');
    await expect(emulate({ statePath })).rejects.toThrow(
      `${statePath} is not the state of a Kronup emulator`,
    );
  });

  it('refuses a state file of another organisation', async () => {
    await (await emulate({ statePath, organisation: 'aaa' }))[Symbol.asyncDispose]();
    await expect(emulate({ statePath, organisation: 'bbb' })).rejects.toThrow('belongs to organisation aaa');
  });
});

describe('the Kronup emulator', () => {
  it('says so where its port is taken', async () => {
    await using emulator = await emulate();
    await expect(emulate({ port: emulator.port })).rejects.toThrow(`port ${emulator.port}`);
  });

  it('starts with a hundred thousand accounts, and signs only the tokens that are seen', async () => {
    await using emulator = await emulate({ accounts: 100_000, control: true });
    const answer = await call(emulator, 'GET /service-accounts?pageNumber=100&pageSize=20');
    expect(answer.body.total).toBe(100_001);
    const { text } = await call(emulator, 'GET /_control/state');
    // The manager's, and those of the page.
    expect(text.split('"fingerprint"').length - 1).toBe(21);
  });
});
