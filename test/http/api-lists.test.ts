import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiWorld } from './api-world.ts';
import type { Answer, ApiWorld } from './api-world.ts';

let world: ApiWorld;

beforeAll(async () => {
  world = await apiWorld(
    { name: 'a', labels: { team: 'red', env: 'live' } },
    { name: 'b', labels: { team: 'red', env: 'test' }, provider: 'other' },
    { name: 'c', labels: { team: 'blue' } },
  );
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function names({ body }: Answer): readonly string[] {
  return body.items.map(({ name }) => name);
}

/** The pages of a list, read one after the other by what each says comes next. */
async function pages(path: string): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  let after = '';
  do {
    const page = await world.get(`${path}${after}`);
    expect(page.status).toBe(200);
    found.push(page);
    after = page.body.next === undefined ? '' : `&after=${encodeURIComponent(page.body.next)}`;
  } while (after !== '');
  return found;
}

describe('the list of accounts', () => {
  it('goes on after the last one of a page', async () => {
    expect((await pages('/v1/accounts?limit=2')).map(names)).toEqual([['a', 'b'], ['c']]);
  });

  it('says nothing of a next page where the last account fills one', async () => {
    const page = await world.get('/v1/accounts?limit=3');
    expect(names(page)).toEqual(['a', 'b', 'c']);
    expect(page.body).not.toHaveProperty('next');
  });

  it.each([
    ['provider=other', ['b']],
    ['provider=nobody', []],
    ['label=team=red', ['a', 'b']],
    ['label=team=red&label=env=live', ['a']],
    ['label=team=red&provider=kronup', ['a']],
    ['label=team=', []],
  ])('keeps to %s', async (query, want) => {
    expect(names(await world.get(`/v1/accounts?${query}`))).toEqual(want);
  });

  it('keeps to accounts with a hold of their own', async () => {
    const hold = { kind: 'parked', subject: 'b', since: 1, by: 'rekeyd', reason: 'failed' } as const;
    await world.commit('b', [{ kind: 'account-parked', why: 'failed' }], { holds: [hold] });
    expect(names(await world.get('/v1/accounts?hold=parked'))).toEqual(['b']);
    expect(names(await world.get('/v1/accounts?hold=paused'))).toEqual([]);
  });

  it('keeps to accounts under a hold of their provider', async () => {
    const since = world.clock.now();
    await world.journal.hold({
      kind: 'manager-refused',
      subject: 'other',
      since,
      by: 'rekeyd',
      reason: '401',
    });
    expect(names(await world.get('/v1/accounts?hold=manager-refused'))).toEqual(['b']);
  });

  it.each([
    ['colour=red', 'query: Unrecognized key: "colour"'],
    ['limit=0', 'query limit: a whole number from 1 to 1000'],
    ['limit=1001', 'query limit: a whole number from 1 to 1000'],
    ['limit=1.5', 'query limit: a whole number from 1 to 1000'],
    ['limit=many', 'query limit: a whole number from 1 to 1000'],
    ['label=team', 'query label: a label is key=value'],
    ['label==red', 'query label: a label is key=value'],
    ['hold=stuck', 'query hold: one of own-account, closed, foreign'],
  ])('refuses %s in words', async (query, want) => {
    const { status, body } = await world.get(`/v1/accounts?${query}`);
    expect(status).toBe(400);
    expect(body.error).toContain(want);
  });
});

describe('the list of rotations', () => {
  beforeAll(async () => {
    for (const [id, name] of [
      ['r1', 'a'],
      ['r2', 'b'],
      ['r3', 'a'],
    ] as const) {
      const row = await world.journal.account(name);
      const cause = { actor: 'test' };
      const openedAt = world.clock.now();
      await world.commit(name, [{ kind: 'looked', requestedAt: openedAt }], {
        rotation: { id, account: row?.id ?? 0, accountName: name, trigger: 'manual', cause, openedAt },
      });
      await world.clock.advance(1_000);
    }
  });

  const ids = ({ body }: Answer) => body.items.map(({ id }) => id);

  it('is newest first and goes on after the last one of a page', async () => {
    expect((await pages('/v1/rotations?limit=2')).map(ids)).toEqual([['r3', 'r2'], ['r1']]);
  });

  it('pages through those of one account', async () => {
    expect((await pages('/v1/rotations?account=a&limit=1')).map(ids)).toEqual([['r3'], ['r1']]);
  });

  it('helps who has mistyped the account', async () => {
    const { status, body } = await world.get('/v1/rotations?account=aa');
    expect(status).toBe(404);
    expect(body.error).toContain('there is no account "aa"');
  });

  it('shows one with its facts, and says that there is no other', async () => {
    const shown = await world.get('/v1/rotations/r2');
    expect(shown.status).toBe(200);
    expect(shown.body.rotation).toMatchObject({ id: 'r2', accountName: 'b' });
    const unknown = await world.get('/v1/rotations/r9');
    expect(unknown).toEqual({
      status: 404,
      body: { error: 'there is no rotation r9; rekeyd history lists them' },
    });
  });

  it('refuses a query that it does not know', async () => {
    const { status, body } = await world.get('/v1/rotations?provider=kronup');
    expect(status).toBe(400);
    expect(body.error).toContain('"provider"');
  });

  it('refuses a page that no answer named', async () => {
    const { status } = await world.get('/v1/rotations?after=%00%27');
    expect(status).toBeLessThan(500);
    expect(world.errors).toEqual([]);
  });
});

describe('the facts of an account', () => {
  const requestedAts = ({ body }: Answer) => body.items.map(({ requestedAt }) => requestedAt);

  beforeAll(async () => {
    await world.commit(
      'c',
      [1, 2, 3].map((requestedAt) => ({ kind: 'looked', requestedAt }) as const),
    );
    await world.commit('b', [{ kind: 'looked', requestedAt: 9 }]);
  });

  it('are its own, newest first, and go on after the last one of a page', async () => {
    expect((await pages('/v1/accounts/c/facts?limit=2')).map(requestedAts)).toEqual([[3, 2], [1]]);
  });

  it('refuse a page that no answer named', async () => {
    const { status, body } = await world.get('/v1/accounts/a/facts?after=x');
    expect(status).toBe(400);
    expect(body.error).toBe('query after: the value of `next` on the page before');
  });

  it('are of no account that there is not', async () => {
    expect((await world.get('/v1/accounts/zz/facts')).status).toBe(404);
  });
});

describe('an account that there is not', () => {
  it('is answered with the name that was perhaps meant', async () => {
    await using named = await apiWorld({ name: 'billing-api' });
    expect(await named.get('/v1/accounts/biling-api')).toEqual({
      status: 404,
      body: {
        error:
          'there is no account "biling-api"; did you mean "billing-api"? rekeyd status lists the accounts',
      },
    });
  });

  it('has nothing written for it, nor for those named with it', async () => {
    const body = { accounts: ['a', 'nobody'], reason: 'x' };
    const answer = await world.post('/v1/rotations', body, { 'idempotency-key': 'k' });
    expect(answer.status).toBe(404);
    expect(await world.request(`k/${(await world.journal.account('a'))?.id}`)).toBeUndefined();
  });
});

describe('a path that there is not', () => {
  it('is named', async () => {
    expect(await world.get('/v1/nothing')).toEqual({
      status: 404,
      body: { error: 'there is nothing at GET /v1/nothing' },
    });
  });
});
