import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { Token } from '../service.ts';
import { World } from '../world.ts';
import { blankAccount } from './book-entries.ts';
import { liveOf, statesOf } from './expected.ts';

const MINUTE_MS = 60_000;
const ACCEPTED = { ok: true, value: {} } as const;
const REFUSED = { ok: false, failure: { kind: 'credential-refused', message: 'expired' } } as const;

/** A pair of which each account was minted for in turn: what was minted first was used then. */
function pairMintedTwice() {
  const world = new World(2_000_001, { trace: false, breakage: {}, heeds: undefined });
  const { service, timeline, watch } = world;
  const policy = world.config().accounts.find(({ strategy }) => strategy === 'pair');
  const [first, second] = policy?.accountIds ?? [];
  if (policy === undefined || first === undefined || second === undefined) throw new Error('no pair');
  const known = blankAccount();
  const minted = (id: string): Token => {
    const token = service.regenerate(id, 'rekeyd');
    if (token === undefined) throw new Error(`nothing was minted for ${id}`);
    const nothing = {
      name: '',
      rotation: '',
      attempt: 1,
      preImage: undefined,
      mayReopen: false,
      sightings: [],
    };
    const outcome = { outcome: 'minted', isWrong: false, isPreImageDead: false } as const;
    // No process is needed for what is asked here.
    const host = {} as (typeof watch.mints.all)[number]['host'];
    watch.mints.all.push({ ...nothing, ...outcome, host, id, token, at: timeline.now });
    return token;
  };
  const used = minted(first);
  const newest = minted(second);
  const at = (minutes: number) => timeline.now + minutes * MINUTE_MS;
  const tried = (token: Token, answer: typeof ACCEPTED | typeof REFUSED, minutes: number) =>
    watch.tries.tried({ token, answer, asked: at(minutes) });
  tried(used, ACCEPTED, 0);
  const givenUp = (minutes: number) => known.givenUp.set(world.fingerprintOf(newest), at(minutes));
  for (const { store, address, format } of policy.targets)
    world.shelf(store).put(address, format.kind === 'raw' ? used.text : JSON.stringify({ token: used.text }));
  const live = () => liveOf(world, { policy, known, states: statesOf(world, policy), isHeld: false });
  return { used, newest, tried, givenUp, live };
}

describe('what the targets of a pair have to hold in the end', () => {
  it('is what was minted last and was used since', () => {
    const { used, newest, tried, live } = pairMintedTwice();
    tried(newest, REFUSED, 1);
    expect(live()).toBe(used);
    tried(newest, ACCEPTED, 2);
    expect(live()).toBe(newest);
  });

  it('is that mint, where it was given up as refused, only until what is live was accepted after that', () => {
    const { used, newest, tried, givenUp, live } = pairMintedTwice();
    tried(newest, REFUSED, 1);
    givenUp(3);
    tried(newest, ACCEPTED, 4);
    expect(live()).toBe(newest);
    tried(used, ACCEPTED, 5);
    expect(live()).toBe(used);
  });

  it.each<readonly [string, readonly (typeof ACCEPTED | typeof REFUSED)[]]>([
    ['nobody had tried it', []],
    ['it had been accepted', [REFUSED, ACCEPTED]],
  ])('is that mint all the same where it was given up although %s', (_name, answers) => {
    const { used, newest, tried, givenUp, live } = pairMintedTwice();
    answers.forEach((answer, minute) => tried(newest, answer, minute));
    givenUp(3);
    for (const token of [newest, used]) tried(token, ACCEPTED, 4);
    expect(live()).toBe(newest);
  });
});

describe('what a target holds that is left as it is', () => {
  /** A pair of which nothing was minted yet: what a person made is in one target alone, which is held as foreign, in this document. */
  function heldAsForeign(document: (text: string) => string) {
    const world = new World(2_000_001, { trace: false, breakage: {}, heeds: undefined });
    const pair = world.config().accounts.find(({ strategy }) => strategy === 'pair');
    const [first] = pair?.targets ?? [];
    const token = world.service.regenerate(pair?.accountIds[0] ?? '', 'a person');
    if (pair === undefined || first === undefined || token === undefined) throw new Error('no pair');
    const target = { ...first, format: { kind: 'json', options: {} } };
    const policy: Account = { ...pair, targets: [target] };
    world.shelf(target.store).put(target.address, document(token.text));
    const known = { ...blankAccount(), foreign: new Set([target.id]) };
    return { token, live: liveOf(world, { policy, known, states: statesOf(world, policy), isHeld: true }) };
  }

  it('is live where nothing else is in the document', () => {
    const { token, live } = heldAsForeign((text) => JSON.stringify({ token: text }));
    expect(live).toBe(token);
  });

  it('is read by nobody where others keep something beside it in a document that was to be ours alone', () => {
    const { live } = heldAsForeign((text) => JSON.stringify({ token: text, theirs: '1' }));
    expect(live).toBeUndefined();
  });
});
