import { describe, expect, it } from 'vitest';
import { BASE, configFolder } from './config-world.ts';

const GOOD = '{"name":"a","accountId":"a","targets":[{"store":"files","address":"a","consumerLag":"1m"}]}';

function problemsOf(lines: string): string[] {
  using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: fleet.jsonl\n`, 'fleet.jsonl': lines });
  return folder.problems();
}

describe('a file of JSON Lines', () => {
  it('has one account a line, and lines with nothing in them', () => {
    using folder = configFolder({
      'rekeyd.yaml': `${BASE}include: fleet.jsonl\n`,
      'fleet.jsonl': `\uFEFF${GOOD}\r\n\n   \n${GOOD.replaceAll('"a"', '"b"')}`,
    });
    expect(folder.accounts().map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('has its problems where they stand in the line', () => {
    const wrong = GOOD.replace('"accountId"', '"acountId"').replace('"1m"', '"1 m"');
    expect(problemsOf(`\n${wrong}\n`)).toEqual([
      'fleet.jsonl:2:13: acountId: unknown key "acountId"; did you mean "accountId"?',
      'fleet.jsonl:2:84: targets[0].consumerLag: found "1 m"; allowed: a duration such as 90s, 10m, 36h or 1d12h',
    ]);
  });

  it('goes on after a line that is no JSON', () => {
    const second = GOOD.replace('"name":"a"', '"name":""');
    expect(problemsOf(`{"name": "a",}\n${second}`)).toEqual([
      'fleet.jsonl:1:14: the line is not JSON',
      expect.stringMatching(/^fleet\.jsonl:2:9: name: found an empty text; allowed: letters/),
    ]);
  });

  it('refuses a key that stands twice in one object', () => {
    const twice = GOOD.replace('"accountId":"a"', '"accountId":"b","accountId":"a"');
    expect(problemsOf(twice)).toEqual(['fleet.jsonl:1:29: a key stands twice in one object']);
  });

  it('does not take a colon in a text for a key', () => {
    const colons = GOOD.replace('"name":"a"', String.raw`"name":"a","labels":{"url":"a:\":b","x":"{\\:"}`);
    expect(problemsOf(colons)).toEqual([]);
  });
});
