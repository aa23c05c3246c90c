import { describe, expect, it } from 'vitest';
import { padded, statement } from '../../src/journal/statement.ts';

describe('a statement', () => {
  const byIds = statement(
    (db, given: { readonly ids: readonly number[]; readonly name: string | undefined }) => {
      const query = db.selectFrom('account').select('id').where('id', 'in', given.ids);
      return given.name === undefined ? query : query.where('name', '=', given.name);
    },
  );

  it('has a parameter for each value, in the words of its dialect', () => {
    const given = { ids: [7, 8], name: 'a' };
    expect(byIds.prepare('sqlite', given)).toEqual({
      sql: 'select "id" from "account" where "id" in (?, ?) and "name" = ?',
      values: [7, 8, 'a'],
    });
    expect(byIds.prepare('postgres', given)).toEqual({
      sql: 'select "id" from "account" where "id" in ($1, $2) and "name" = $3',
      values: [7, 8, 'a'],
    });
  });

  it('is compiled once for each shape of what it is given', () => {
    let compiled = 0;
    const counted = statement((db, given: { readonly ids: readonly number[] }) => {
      compiled += 1;
      return db.selectFrom('account').select('id').where('id', 'in', given.ids);
    });
    expect(counted.prepare('sqlite', { ids: [1, 2] }).values).toEqual([1, 2]);
    expect(counted.prepare('sqlite', { ids: [3, 4] }).values).toEqual([3, 4]);
    expect(counted.prepare('sqlite', { ids: [5] }).values).toEqual([5]);
    expect(compiled).toBe(2);
  });

  it('leaves out what it is not given', () => {
    expect(byIds.prepare('sqlite', { ids: [7], name: undefined }).sql).not.toContain('name');
  });

  it('inserts rows, with null for what a row lacks', () => {
    const insert = statement((db, given: { readonly keys: readonly { key: string; account: number }[] }) =>
      db.insertInto('account_key').values(given.keys),
    );
    const keys = [
      { key: 'a', account: 1 },
      { key: 'b', account: undefined as never },
    ];
    expect(insert.prepare('sqlite', { keys }).values).toEqual(['a', 1, 'b', null]);
  });
});

describe('a padded list', () => {
  it.each([
    [[], []],
    [[1], [1]],
    [
      [1, 2, 3],
      [1, 2, 3, 3],
    ],
    [
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5, 5, 5, 5],
    ],
  ])('has a length that is a power of two: %j', (list, want) => {
    expect(padded(list)).toEqual(want);
  });
});
