import { describe, expect, it } from 'vitest';
import { askedOf } from './arguments.ts';

describe('what a simulation is asked for', () => {
  it('is spread over the strategies, a third each, from the first seed of each', () => {
    expect(askedOf(['--seeds', '300'])).toStrictEqual({
      ranges: [
        { from: 1, seeds: 100 },
        { from: 1_000_001, seeds: 100 },
        { from: 2_000_001, seeds: 100 },
      ],
      json: undefined,
      trace: false,
    });
    expect(askedOf([])).toMatchObject({ ranges: [{ seeds: 667 }, { seeds: 667 }, { seeds: 666 }] });
  });

  it('leaves out the strategies for which no history is left', () => {
    expect(askedOf(['--seeds', '1', '--trace'])).toMatchObject({
      ranges: [{ from: 1, seeds: 1 }],
      trace: true,
    });
  });

  it('is exactly the seeds from the one that is named', () => {
    expect(askedOf(['--seeds', '500', '--from', '999900', '--json', 'a.json'])).toStrictEqual({
      ranges: [{ from: 999_900, seeds: 500 }],
      json: 'a.json',
      trace: false,
    });
  });

  it.each([
    ['--seeds', 'x'],
    ['--seeds', '0'],
    ['--seeds', '1.5'],
    ['--seeds', ''],
    ['--from', 'x'],
    ['--from', '9007199254740991'],
  ])('is not understood: %s %j', (option, value) => {
    expect(askedOf([option, value])).toMatch(new RegExp(`^${option} takes .* not '${value}'$`));
  });

  it('is no more than there are seeds of each strategy', () => {
    const all = { seeds: 999_999 };
    expect(askedOf(['--seeds', '2999997'])).toMatchObject({ ranges: [all, all, all] });
    expect(askedOf(['--seeds', '2999998'])).toBe(
      'there are not as many seeds as 2999998; name the first one with --from',
    );
  });

  it.each([
    [['--sedes', '5'], "Unknown option '--sedes'; npm run simulate -- "],
    [['5'], "Unexpected argument '5'; npm run simulate -- "],
    [['--seeds'], "Option '--seeds <value>' argument missing; npm run simulate -- "],
  ])('says how it is asked for where nobody knows what %j means', (args, want) => {
    const asked = askedOf(args);
    expect(asked).toContain(want);
    expect(asked).not.toContain('\n');
  });
});
