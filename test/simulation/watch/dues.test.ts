import { describe, expect, it } from 'vitest';
import { NOW } from '../../builders/situation.ts';
import type { Token } from '../service.ts';
import { World } from '../world.ts';
import { Dues } from './dues.ts';

const NOTED = { id: 'f1', at: NOW, cause: { actor: 'rekeyd' } } as const;

/** An account that something was minted for, beside what it had. */
function mintedBeside() {
  const world = new World(1_000_001, { trace: false, breakage: {}, heeds: undefined });
  const [account] = world.config().accounts;
  const [target] = account?.targets ?? [];
  const before = world.service.regenerate(account?.accountIds[0] ?? '', 'rekeyd');
  const minted = world.service.regenerate(account?.accountIds[0] ?? '', 'rekeyd');
  if (target === undefined || before === undefined || minted === undefined) throw new Error('no account');
  const dues = new Dues(world);
  const fingerprint = world.fingerprintOf(minted);
  dues.minted({
    ...NOTED,
    kind: 'credential-minted',
    fingerprint,
    sentAt: NOW,
    recovered: false,
    targets: [target],
    provedFirst: true,
  });
  return {
    before,
    minted,
    prove: () => dues.proved({ ...NOTED, kind: 'credential-proved', fingerprint }),
    confirm: (token: Token) => {
      const confirmed = {
        ...NOTED,
        kind: 'target-confirmed',
        target: target.id,
        fingerprint: world.fingerprintOf(token),
        version: '1',
      } as const;
      const fromOthers = dues.putByOthers(confirmed);
      const isOther = dues.mayHaveHeldAnother(confirmed);
      dues.forget(target.id);
      return { fromOthers, isOther };
    },
    putByHand: (token: Token) => world.shelf(target.store).put(target.address, token.text),
  };
}

describe('what was minted beside the live one', () => {
  it('is due once it was proved, whatever was confirmed until then', () => {
    const { before, minted, prove, confirm, putByHand } = mintedBeside();
    confirm(before);
    prove();
    putByHand(minted);
    expect(confirm(minted).fromOthers).toMatchObject({ text: minted.text, isOwed: true });
  });

  it('is due though somebody put it there before it was proved', () => {
    const { minted, prove, confirm, putByHand } = mintedBeside();
    putByHand(minted);
    prove();
    expect(confirm(minted).fromOthers).toMatchObject({ text: minted.text, isOwed: true });
  });

  it('is due no more once something was confirmed after that', () => {
    const { before, minted, prove, confirm, putByHand } = mintedBeside();
    prove();
    expect(confirm(before).isOther).toBe(true);
    putByHand(minted);
    expect(confirm(minted)).toEqual({ fromOthers: undefined, isOther: false });
  });

  it('is not due where it was never proved', () => {
    const { before, confirm } = mintedBeside();
    expect(confirm(before)).toEqual({ fromOthers: undefined, isOther: false });
  });
});
