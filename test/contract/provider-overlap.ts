/** What providers must do on which an account can have several credentials at a time. Part of the providers' contract suite. */
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import type { AccountRef, Minted, Provider, SeenCredential } from '../../src/ports/provider.ts';
import { failureIn, valueOf, type ProviderWorld } from './provider-world.ts';

const signal = new AbortController().signal;

/** The tests do nothing for providers on which a mint ends the credential before. */
export function describeOverlap(world: () => ProviderWorld): void {
  it('can retire credentials where it lets several be valid at a time, and only there', () => {
    const { provider } = world();
    expect(provider.retire !== undefined).toBe(provider.strategies.includes('overlap'));
  });
  describeListing(world);
  describeRetiring(world);
  describeWhose(world);
}

function describeListing(world: () => ProviderWorld): void {
  it('lists what it minted, under the name that it was given, where it lists credentials', async () => {
    const { provider, open } = world();
    if (!overlaps(provider)) return expect(await listed(world(), open)).toEqual([]);
    const before = await listed(world(), open);
    const minted = await mint(world(), open, 'rekeyd/test/1');
    const after = await listed(world(), open);
    const added = after.filter(({ reference }) => !before.some((one) => one.reference === reference));
    expect(added.map(({ reference, name }) => ({ reference, name }))).toEqual([
      { reference: minted.reference, name: 'rekeyd/test/1' },
    ]);
    const { credential } = minted;
    expect(added[0]?.clientId).toBe(credential.kind === 'client' ? credential.clientId : undefined);
    expect(added[0]?.createdAt).toBeGreaterThan(0);
  });

  it('lists no value of a credential', async () => {
    const { provider, open } = world();
    if (!overlaps(provider)) return;
    const { credential } = await mint(world(), open, 'rekeyd/test/1');
    const shown = inspect(await listed(world(), open), { depth: 20, showHidden: true });
    if (credential.kind === 'client') expect(shown).not.toContain(credential.clientSecret.reveal());
  });
}

function describeRetiring(world: () => ProviderWorld): void {
  it('retires a credential, which is refused and not listed from then on, and leaves the others alone', async () => {
    const { provider, open } = world();
    if (!overlaps(provider)) return;
    const old = await mint(world(), open, 'rekeyd/test/1');
    const kept = await mint(world(), open, 'rekeyd/test/2');
    expect(await isAccepted(provider, open, old)).toBe(true);
    valueOf(await provider.retire(open, { reference: old.reference, signal }));
    expect(await isAccepted(provider, open, old)).toBe(false);
    expect(await isAccepted(provider, open, kept)).toBe(true);
    const references = (await listed(world(), open)).map(({ reference }) => reference);
    expect(references).not.toContain(old.reference);
    expect(references).toContain(kept.reference);
  });

  it('says of a credential that is not there any more that it is not found, and leaves the rest to a look', async () => {
    const { provider, open } = world();
    if (!overlaps(provider)) return;
    const { reference } = await mint(world(), open, 'rekeyd/test/1');
    valueOf(await provider.retire(open, { reference, signal }));
    expect(failureIn(await provider.retire(open, { reference, signal })).kind).toBe('not-found');
    expect((await listed(world(), open)).map((one) => one.reference)).not.toContain(reference);
  });

  it('retires nothing that was stopped before, or may not be retired when it is about to be', async () => {
    const { provider, open } = world();
    if (!overlaps(provider)) return;
    const old = await mint(world(), open, 'rekeyd/test/1');
    const { reference } = old;
    const stopped = await provider.retire(open, { reference, signal: AbortSignal.abort() });
    expect(FAILURES[failureIn(stopped).kind].effect).toBe('none');
    const held = await provider.retire(open, { reference, signal, maySend: () => 'somebody uses it' });
    expect(failureIn(held)).toMatchObject({ kind: 'not-connected' });
    expect(failureIn(held).message).toContain('somebody uses it');
    expect(await isAccepted(provider, open, old)).toBe(true);
  });

  it('never retires the manager credential', async () => {
    const { provider, manager } = world();
    if (!overlaps(provider) || manager === undefined) return;
    const { account, reference } = manager;
    expect(failureIn(await provider.retire(account, { reference, signal })).kind).toBe('not-allowed');
    valueOf(await provider.manager({ signal, again: true }));
  });
}

function describeWhose(world: () => ProviderWorld): void {
  it('does not take the credential of another account for one of this', async () => {
    const { provider, open, other, live } = world();
    const proof = await provider.prove(await live(other), { signal, account: open });
    if (proof.ok) expect(proof.value.accountId).toBe(other.accountId);
    else expect(proof.failure.kind).toBe('credential-refused');
  });

  it('names the account of the manager credential, or the client id by which it is found', async () => {
    const { accountId, clientId } = valueOf(await world().provider.manager({ signal }));
    expect(accountId ?? clientId).toBeDefined();
  });
}

type Overlapping = Provider & { readonly retire: NonNullable<Provider['retire']> };

function overlaps(provider: Provider): provider is Overlapping {
  return provider.retire !== undefined;
}

async function listed({ provider }: ProviderWorld, account: AccountRef): Promise<readonly SeenCredential[]> {
  const { accounts } = valueOf(await provider.observe([account], { signal }));
  return accounts.get(account.accountId)?.credentials ?? [];
}

async function mint(
  { provider }: ProviderWorld,
  account: AccountRef,
  name: string,
): Promise<Minted & { readonly reference: string }> {
  const minted = valueOf(await provider.mint(account, { name, signal }));
  if (minted.reference === undefined) throw new Error(`what was minted as ${name} has no reference`);
  return { ...minted, reference: minted.reference };
}

async function isAccepted(provider: Provider, account: AccountRef, { credential }: Minted): Promise<boolean> {
  const proof = await provider.prove(credential, { signal, account });
  if (!proof.ok) expect(proof.failure.kind).toBe('credential-refused');
  else expect(fingerprintOf(credential) !== '' && proof.value.accountId).toBe(account.accountId);
  return proof.ok;
}
