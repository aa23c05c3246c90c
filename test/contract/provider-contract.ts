/** What every provider must do, as `src/ports/provider.ts` promises it. Each provider's own tests call this with a world of theirs. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../src/domain/credential.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import type { AccountRef, SeenAccount } from '../../src/ports/provider.ts';
import { describeOverlap } from './provider-overlap.ts';
import { describeClosing, describeStopping } from './provider-stopping.ts';
import { failureIn, fingerprint, valueOf, type MintBreak, type ProviderWorld } from './provider-world.ts';

const never = new AbortController().signal;

/** Runs the suite. `makeWorld` is called before each test; `breakNames` are those of its `breaks`. */
export function providerContract(
  name: string,
  makeWorld: () => Promise<ProviderWorld>,
  breakNames: readonly string[],
): void {
  describe(`${name} as a provider`, () => {
    let world: ProviderWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(async () => await world.cleanup());
    const get = (): ProviderWorld => world;
    describeManager(get);
    describeObserving(get);
    describeMinting(get);
    describeProving(get);
    describeOverlap(get);
    describeFailing(get, breakNames);
    describeStopping(get);
    describeSecrecy(get, breakNames);
    describeClosing(get);
  });
}

function describeManager(world: () => ProviderWorld): void {
  it('knows whose the manager credential is', async () => {
    const { provider, managerId } = world();
    expect(valueOf(await provider.manager({ signal: never })).accountId).toBe(managerId);
  });

  it('has an origin, a strategy, and a time limit for mints', () => {
    const { provider } = world();
    expect(new URL(provider.origin).origin).toBe(provider.origin);
    expect(provider.strategies.length).toBeGreaterThan(0);
    expect(provider.mintTimeLimitMs).toBeGreaterThan(0);
  });

  it('counts its calls, where they are limited', async () => {
    const { provider, open } = world();
    const before = provider.callsLeft()?.left;
    valueOf(await provider.observe([open], { signal: never }));
    const after = provider.callsLeft()?.left;
    if (before === undefined) expect(after).toBeUndefined();
    else expect(after).toBeLessThan(before);
  });
}

function describeObserving(world: () => ProviderWorld): void {
  it('sees an open account, with its live credential where it is shown', async () => {
    const { open, showsLive, live } = world();
    const seen = await look(world(), open);
    expect(seen.state).toBe('open');
    expect(fingerprint(seen.live)).toBe(showsLive ? fingerprint(await live(open)) : undefined);
  });

  it('is certain of a closed account, where there can be one', async () => {
    const { closed } = world();
    if (closed === undefined) return;
    expect(await look(world(), closed)).toMatchObject({ state: 'closed', certain: true });
  });

  it('is certain of an account that is not there', async () => {
    expect(await look(world(), world().absent)).toMatchObject({ state: 'absent', certain: true });
  });

  it('shows each account that is asked for, and no other', async () => {
    const { provider, open, other, closed, absent } = world();
    const asked = [open, other, absent, ...(closed === undefined ? [] : [closed])];
    const { accounts } = valueOf(await provider.observe(asked, { signal: never }));
    const states = asked.map(({ accountId }) => accounts.get(accountId)?.state);
    expect(states).toEqual(['open', 'open', 'absent', 'closed'].slice(0, asked.length));
    expect(accounts.size).toBe(asked.length);
  });

  it('looks at many accounts with fewer calls than there are accounts, or with one each at least, as it says', async () => {
    const { provider, open, other, calls } = world();
    // Whatever it has to know beforehand.
    await look(world(), open);
    const before = calls();
    valueOf(await provider.observe([open, other], { signal: never }));
    const looks = calls() - before;
    if (provider.looksAtMany) expect(looks).toBeLessThan(2);
    else expect(looks).toBeGreaterThanOrEqual(2);
  });

  it('shows nothing when nothing is asked for', async () => {
    const { accounts } = valueOf(await world().provider.observe([], { signal: never }));
    expect(accounts.size).toBe(0);
  });

  it('changes nothing', async () => {
    const { open, closed, live, received } = world();
    const before = fingerprint(await live(open));
    await look(world(), open);
    if (closed !== undefined) await look(world(), closed);
    expect(fingerprint(await live(open))).toBe(before);
    if (closed !== undefined) expect((await look(world(), closed)).state).toBe('closed');
    expect(received()).toBe(0);
  });
}

function describeMinting(world: () => ProviderWorld): void {
  it('mints a credential that is live from then on', async () => {
    const { provider, open, live } = world();
    const before = fingerprint(await live(open));
    const minted = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(fingerprint(minted.credential)).toBe(fingerprint(await live(open)));
    expect(fingerprint(minted.credential)).not.toBe(before);
  });

  it('answers which account and organisation it minted for', async () => {
    const { provider, open } = world();
    const minted = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(minted.accountId).toBe(open.accountId);
    expect([undefined, open.organisation]).toContain(minted.organisation);
  });

  it('leaves all other accounts alone', async () => {
    const { provider, open, other, live, received } = world();
    const before = fingerprint(await live(other));
    valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(fingerprint(await live(other))).toBe(before);
    expect(received()).toBe(1);
  });

  it('tells once when the request was handed over, which is when it says that it was sent', async () => {
    const { provider, open } = world();
    const sent: number[] = [];
    const onSent = (at: number) => void sent.push(at);
    const minted = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never, onSent }));
    expect(sent).toEqual([minted.sentAt]);
  });

  it('mints another one each time', async () => {
    const { provider, open } = world();
    const first = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    const second = valueOf(await provider.mint(open, { name: 'rekeyd/test/2', signal: never }));
    expect(fingerprint(second.credential)).not.toBe(fingerprint(first.credential));
  });

  it('says of the credential how long it lives, or says nothing', async () => {
    const { provider, open } = world();
    const { credential } = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    const { issuedAt = 0, expiresAt = Infinity } = provider.lifetimeOf(credential);
    expect(expiresAt).toBeGreaterThan(issuedAt);
  });
}

function describeProving(world: () => ProviderWorld): void {
  it('proves a live credential to be that of its account', async () => {
    const { provider, open, live } = world();
    const proof = await provider.prove(await live(open), { signal: never, account: open });
    expect(valueOf(proof).accountId).toBe(open.accountId);
  });

  it('proves a minted credential', async () => {
    const { provider, open } = world();
    const { credential } = valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(valueOf(await provider.prove(credential, { signal: never, account: open })).accountId).toBe(
      open.accountId,
    );
  });

  it('finds a credential refused that nobody was given', async () => {
    const { provider, open, stranger } = world();
    const failure = failureIn(await provider.prove(await stranger(), { signal: never, account: open }));
    expect(failure.kind).toBe('credential-refused');
  });

  it('finds the old credential refused after a mint, where the mint itself ends it', async () => {
    const { provider, open, live } = world();
    const old = await live(open);
    valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    const tried = await provider.prove(old, { signal: never, account: open });
    const want = provider.retire === undefined ? 'credential-refused' : undefined;
    expect(tried.ok ? undefined : tried.failure.kind).toBe(want);
  });
}

function describeFailing(world: () => ProviderWorld, breakNames: readonly string[]): void {
  it('has a break for each name, and a name for each break', () => {
    expect(Object.keys(world().breaks).toSorted()).toEqual(breakNames.toSorted());
  });

  it.each(breakNames)('says what a mint came to, and sends it no more than once: %s', async (name) => {
    const { provider, open, live, received } = world();
    const { make, want, mints, received: wantReceived = 1 } = breakOf(world(), name);
    const before = fingerprint(await live(open));
    await make();
    const failure = failureIn(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(failure.kind).toBe(want);
    expect(received()).toBe(wantReceived);
    expect(fingerprint(await live(open)) !== before).toBe(mints);
    if (mints) expect(FAILURES[failure.kind].effect).toBe('unknown');
  });
}

function describeSecrecy(world: () => ProviderWorld, breakNames: readonly string[]): void {
  it('shows no credential in anything that it answers', async () => {
    const { provider, open, other, live, managerText } = world();
    const old = await live(open);
    const answers: unknown[] = [
      provider,
      await provider.manager({ signal: never }),
      await provider.observe([open, other], { signal: never }),
      await provider.mint(open, { name: 'rekeyd/test/1', signal: never }),
      await provider.prove(old, { signal: never, account: open }),
    ];
    const secrets = [managerText, ...[old, await live(open), await live(other)].flatMap(textsOf)];
    for (const answer of answers) expectNone(answer, secrets);
  });

  it.each(breakNames)('shows no credential in a failure: %s', async (name) => {
    const { provider, open, live, managerText } = world();
    const old = await live(open);
    await breakOf(world(), name).make();
    const failed = await provider.mint(open, { name: 'rekeyd/test/1', signal: never });
    expectNone(failed, [managerText, ...[old, await live(open)].flatMap(textsOf)]);
  });
}

async function look({ provider }: ProviderWorld, account: AccountRef): Promise<SeenAccount> {
  const { accounts } = valueOf(await provider.observe([account], { signal: never }));
  const seen = accounts.get(account.accountId);
  if (seen === undefined) throw new Error(`the account ${account.accountId} is missing`);
  return seen;
}

function breakOf({ breaks }: ProviderWorld, name: string): MintBreak {
  const found = breaks[name];
  if (found === undefined) throw new Error(`there is no break named ${name}`);
  return found;
}

function textsOf(credential: Credential): string[] {
  return [credential.kind === 'token' ? credential.token.reveal() : credential.clientSecret.reveal()];
}

/** Neither whole nor in part: the last third of a JWT is the signature that makes it one. */
function expectNone(answer: unknown, secrets: readonly string[]): void {
  const shown = `${inspect(answer, { depth: 20, showHidden: true })}
${JSON.stringify(answer, maps)}`;
  for (const secret of secrets) {
    expect(shown.includes(secret)).toBe(false);
    expect(shown.includes(secret.slice(-20))).toBe(false);
  }
}

function maps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
