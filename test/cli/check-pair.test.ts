import { afterEach, describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { EXIT } from '../../src/ports/host.ts';
import { giveRole } from '../world/give-role.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import type { CheckWorld } from './check-world.ts';

let world: CheckWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

/** A pair whose target holds the token of its second account. */
async function checked(
  before: (at: CheckWorld, ids: readonly [string, string]) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly code: number; readonly text: string }> {
  const at = await checkWorld({ accounts: 2 });
  world = at;
  const [a, b] = at.kronup.accounts.map(({ id }) => id);
  if (a === undefined || b === undefined) throw new Error('the emulator has no two accounts');
  const lines = at.account(0, ['strategy: pair', `accountIds: [${a}, ${b}]`]);
  await at.configure(lines.filter((line) => !line.includes('accountId:')));
  await at.put(`${at.kronup.accounts[0]?.name}.token`, (await at.kronup.liveToken(b)).reveal());
  await before(at, [a, b]);
  const host = fakeHost();
  const code = await check(host, { config: at.config, output: 'table' });
  return { code, text: host.written() };
}

describe('rekeyd check of a pair', () => {
  it('finds nothing wrong where a target holds the credential of either account', async () => {
    const { code, text } = await checked();
    expect(text).toContain('the other one of the pair, is found and open');
    expect(text).toMatch(/0 warnings, 0 failed\./);
    expect(code).toBe(EXIT.ok);
  });

  it('says which of the two accounts is in use', async () => {
    const { text } = await checked();
    expect(text).toContain(`account ${world?.kronup.accounts[1]?.id} of the pair is in use`);
  });

  it('fails where no target holds a credential of either, and says what to do', async () => {
    const { code, text } = await checked((at) => at.put(`${at.kronup.accounts[0]?.name}.token`, ''));
    expect(text).toMatch(
      /nothing shows which of the two is in use.*: rekeyd standby \S+ ACCOUNT_ID --reason/,
    );
    expect(code).not.toBe(EXIT.ok);
  });

  it('warns where the two have different roles', async () => {
    const { code, text } = await checked((at, [, b]) => giveRole(at.kronup, b, 'admin'));
    expect(text).toContain('the two accounts of the pair have different roles');
    expect(code).toBe(EXIT.ok);
  });

  it('fails where the other account is closed', async () => {
    const { code, text } = await checked((at, [, b]) => at.kronup.person.close(b));
    expect(text).toContain('the other one of the pair, is closed');
    expect(code).not.toBe(EXIT.ok);
  });
});
