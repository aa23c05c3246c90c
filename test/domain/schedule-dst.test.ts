import { describe, expect, it } from 'vitest';
import { dstOddities } from '../../src/domain/dst.ts';
import { transitionsBetween, zoneProblem } from '../../src/domain/zone.ts';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');

describe('dstOddities', () => {
  it.each([
    [
      'Europe/Berlin',
      '30 2 * * *',
      '2024-03-01T00:00:00Z',
      'moved',
      ['2024-03-31T01:00:00Z'],
      'clocks in Europe/Berlin go from 02:00 to 03:00 on 2024-03-31: 02:30 does not exist then and runs at 03:00',
    ],
    [
      'Europe/Berlin',
      '*/15 2 * * *',
      '2024-03-01T00:00:00Z',
      'skipped',
      [],
      'clocks in Europe/Berlin go from 02:00 to 03:00 on 2024-03-31: ' +
        '02:00, 02:15, 02:30 (and 1 more) do not exist then and do not run',
    ],
    [
      'America/New_York',
      '0,30 1 * * *',
      '2024-11-01T00:00:00Z',
      'doubled',
      ['2024-11-03T06:00:00Z', '2024-11-03T06:30:00Z'],
      'clocks in America/New_York go back from 02:00 to 01:00 on 2024-11-03: 01:00, 01:30 occur twice then ' +
        'and run both times',
    ],
    [
      'America/New_York',
      '15 1 * * *',
      '2024-11-01T00:00:00Z',
      'once',
      ['2024-11-03T05:15:00Z'],
      'clocks in America/New_York go back from 02:00 to 01:00 on 2024-11-03: 01:15 occurs twice then ' +
        'and runs the first time only',
    ],
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2023-09-15T00:00:00Z',
      'moved',
      ['2023-09-30T15:30:00Z'],
      'clocks in Australia/Lord_Howe go from 02:00 to 02:30 on 2023-10-01: 02:15 does not exist then ' +
        'and runs at 02:30',
    ],
    [
      'America/Sao_Paulo',
      '0 0 * * *',
      '2018-10-20T00:00:00Z',
      'moved',
      ['2018-11-04T03:00:00Z'],
      'clocks in America/Sao_Paulo go from 00:00 to 01:00 on 2018-11-04: 00:00 does not exist then ' +
        'and runs at 01:00',
    ],
  ])('tells of %s, %s after %s: %s', (zone, pattern, from, wantKind, wantSlots, wantWords) => {
    const oddities = dstOddities({ pattern, zone }, at(from), at(from) + 45 * 86_400_000);
    expect(oddities.map(({ kind, slots, words }) => ({ kind, slots: slots.map(iso), words }))).toEqual([
      { kind: wantKind, slots: wantSlots, words: wantWords },
    ]);
  });

  it.each([
    ['Europe/Berlin', '0 4 * * *'],
    ['Europe/Berlin', '30 2 * * SAT'],
    ['Asia/Kolkata', '30 2 * * *'],
    ['UTC', '* * * * *'],
  ])('has nothing to tell in %s of %s', (zone, pattern) => {
    expect(dstOddities({ pattern, zone }, at('2024-01-01T00:00:00Z'), at('2025-01-01T00:00:00Z'))).toEqual(
      [],
    );
  });

  it('names three local times without counting more', () => {
    const [oddity] = dstOddities(
      { pattern: '0,20,40 2 * * *', zone: 'Europe/Berlin' },
      at('2024-03-01T00:00:00Z'),
      at('2024-04-15T00:00:00Z'),
    );
    expect(oddity?.words).toContain(': 02:00, 02:20, 02:40 do not exist then and do not run');
  });

  it('names seconds where there are any', () => {
    const [oddity] = dstOddities(
      { pattern: '7 30 1 * * *', zone: 'America/New_York' },
      at('2024-11-01T00:00:00Z'),
      at('2024-11-15T00:00:00Z'),
    );
    expect(oddity?.words).toContain(': 01:30:07 occurs twice then and runs the first time only');
  });

  it('says when the clocks change, and that several times run once', () => {
    const [oddity] = dstOddities(
      { pattern: '0 1 * * *', zone: 'America/New_York' },
      at('2024-11-01T00:00:00Z'),
      at('2024-11-15T00:00:00Z'),
    );
    expect(oddity?.at).toBe(at('2024-11-03T06:00:00Z'));
  });

  it('says that several times run the first time only', () => {
    const [oddity] = dstOddities(
      { pattern: '10,20 1 * * *', zone: 'America/New_York' },
      at('2024-11-01T00:00:00Z'),
      at('2024-11-15T00:00:00Z'),
    );
    expect(oddity?.words).toMatch(/: 01:10, 01:20 occur twice then and run /);
  });

  it('has nothing to tell of the time to which the clocks go', () => {
    const change = [at('2024-03-01T00:00:00Z'), at('2024-04-15T00:00:00Z')] as const;
    expect(dstOddities({ pattern: '0 3 * * *', zone: 'Europe/Berlin' }, ...change)).toEqual([]);
  });

  it('does not list thousands of slots', () => {
    const [gap, overlap] = dstOddities(
      { pattern: '* * * * * *', zone: 'Europe/Berlin' },
      at('2024-01-01T00:00:00Z'),
      at('2025-01-01T00:00:00Z'),
    );
    expect(gap?.kind).toBe('skipped');
    expect(overlap?.slots).toHaveLength(100);
    expect(overlap?.words).toContain('(and at least 97 more)');
  });
});

describe('transitionsBetween', () => {
  it('finds the changes of a year with their offsets', () => {
    const got = transitionsBetween('Pacific/Chatham', at('2024-01-01T00:00:00Z'), at('2025-01-01T00:00:00Z'));
    expect(got).toEqual([
      { at: at('2024-04-06T14:00:00Z'), offsetBeforeMs: 13.75 * 3_600_000, offsetAfterMs: 12.75 * 3_600_000 },
      { at: at('2024-09-28T14:00:00Z'), offsetBeforeMs: 12.75 * 3_600_000, offsetAfterMs: 13.75 * 3_600_000 },
    ]);
  });

  it('finds both ends of a pause in summer time', () => {
    const got = transitionsBetween(
      'Africa/Casablanca',
      at('2022-01-01T00:00:00Z'),
      at('2023-01-01T00:00:00Z'),
    );
    expect(got.map((transition) => iso(transition.at))).toEqual([
      '2022-03-27T02:00:00Z',
      '2022-05-08T02:00:00Z',
    ]);
  });

  it('takes in a change at the last instant, and none at the first', () => {
    const change = at('2024-03-31T01:00:00Z');
    expect(transitionsBetween('Europe/Berlin', change - 1_000, change).map((one) => one.at)).toEqual([
      change,
    ]);
    expect(transitionsBetween('Europe/Berlin', change, change + 1_000)).toEqual([]);
  });

  it('knows offsets to the second, on both sides of Greenwich', () => {
    const [monrovia] = transitionsBetween(
      'Africa/Monrovia',
      at('1972-01-01T00:00:00Z'),
      at('1972-02-01T00:00:00Z'),
    );
    expect(monrovia).toEqual({
      at: at('1972-01-07T00:44:30Z'),
      offsetBeforeMs: -(44 * 60 + 30) * 1_000,
      offsetAfterMs: 0,
    });
    const [kolkata] = transitionsBetween(
      'Asia/Kolkata',
      at('1905-12-01T00:00:00Z'),
      at('1906-02-01T00:00:00Z'),
    );
    expect(kolkata).toMatchObject({
      offsetBeforeMs: (5 * 3_600 + 21 * 60 + 10) * 1_000,
      offsetAfterMs: 5.5 * 3_600_000,
    });
  });

  it('finds none where the clocks never change', () => {
    expect(
      transitionsBetween('Asia/Kolkata', at('2020-01-01T00:00:00Z'), at('2024-01-01T00:00:00Z')),
    ).toEqual([]);
  });
});

describe('zoneProblem', () => {
  it('finds none in a zone west of Greenwich or without a change of clocks', () => {
    expect(zoneProblem('America/Phoenix')).toBeUndefined();
  });

  it.each([
    ['', 'the time zone is empty; give an IANA name such as Europe/Berlin or UTC'],
    ['Berlin', 'unknown time zone "Berlin"; give an IANA name such as Europe/Berlin or UTC'],
    // It is not repeated: it may be a credential.
    ['abcdefgh12345678', 'unknown time zone; give an IANA name such as Europe/Berlin or UTC'],
  ])('says of %j what is wrong and what to give', (zone, wantProblem) => {
    expect(zoneProblem(zone)).toBe(wantProblem);
  });
});
