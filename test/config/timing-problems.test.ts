import { describe, expect, it } from 'vitest';
import { configFolder, target, withAccounts } from './config-world.ts';

function problemsOf(words: string): string[] {
  using folder = configFolder(withAccounts(`name: a\naccountId: a1\n${words}\n${target('a')}`));
  return folder.problems();
}

describe('a schedule that is refused', () => {
  it.each([
    [
      'never fires',
      'schedule: 0 3 31 2 *',
      "rekeyd.yaml:12:15: accounts[0].schedule: the schedule '0 3 31 2 *' never fires: no date fits its day and month",
    ],
    [
      'has seven fields',
      'schedule: 0 0 3 * * * 2027',
      "rekeyd.yaml:12:15: accounts[0].schedule: '0 0 3 * * * 2027' has 7 fields; allowed are five fields " +
        '(minute hour day month weekday), six with seconds first, or one of @hourly, @daily, @midnight, @weekly, ' +
        '@monthly, @yearly, @annually',
    ],
    [
      'is a date',
      'schedule: 2027-01-01T00:00:00',
      "rekeyd.yaml:12:15: accounts[0].schedule: '2027-01-01T00:00:00' is a date, which would fire once; allowed " +
        'are five fields (minute hour day month weekday), six with seconds first, or one of @hourly, @daily, ' +
        '@midnight, @weekly, @monthly, @yearly, @annually',
    ],
    [
      'has an empty zone',
      "schedule: 0 3 * * *\ntimeZone: ''",
      'rekeyd.yaml:13:15: accounts[0].timeZone: the time zone is empty; give an IANA name such as Europe/Berlin or UTC',
    ],
    [
      'has a zone that does not exist',
      'schedule: 0 3 * * *\ntimeZone: Europe/Belin',
      'rekeyd.yaml:13:15: accounts[0].timeZone: unknown time zone "Europe/Belin"; give an IANA name such as ' +
        'Europe/Berlin or UTC',
    ],
  ])('%s', (_what, words, want) => {
    expect(problemsOf(words)).toEqual([want]);
  });
});

describe('windows and ages that can never be met', () => {
  it('are a schedule whose slots all fall outside of the windows', () => {
    const [problem] = problemsOf(
      'schedule: 0 12 * * *\nwindows: { allow: [{ opens: 0 22 * * *, duration: 8h }] }',
    );
    expect(problem).toMatch(
      /^rekeyd\.yaml:13:14: accounts\[0\]\.windows: no slot of the schedule '0 12 \* \* \*'/,
    );
  });

  it('are deny windows that leave no time', () => {
    const [problem] = problemsOf('maxAge: 30d\nwindows: { deny: [{ opens: 0 * * * *, duration: 1h }] }');
    expect(problem).toMatch(/accounts\[0\]\.windows: the deny windows leave no time within a year/);
  });

  it('are windows that are further apart than the credential may be old', () => {
    const [problem] = problemsOf('maxAge: 7d\nwindows: { allow: [{ opens: 0 0 1 * *, duration: 8h }] }');
    expect(problem).toMatch(/accounts\[0\]\.windows: maxAge 7d cannot be met/);
  });

  it('are an age that is shorter than the interval between mints', () => {
    expect(problemsOf('maxAge: 5m')).toEqual([
      'rekeyd.yaml:12:13: accounts[0].maxAge: maxAge 5m cannot be met: it is shorter than minInterval (10m); ' +
        'lengthen the one or shorten the other',
    ]);
  });

  it('are not windows that open now and then', () => {
    expect(
      problemsOf('schedule: 0 * * * *\nwindows: { allow: [{ opens: 0 22 * * *, duration: 8h }] }'),
    ).toEqual([]);
  });
});

describe('what is allowed and probably not meant', () => {
  function warningsOf(account: string): string[] {
    using folder = configFolder(withAccounts(account));
    return folder.warnings();
  }

  it('is a schedule that writes an AWS target more often than every 20 minutes', () => {
    const targets = 'targets: [{ store: aws, address: a, consumerLag: 1m }]';
    expect(warningsOf(`name: a\naccountId: a1\nschedule: '*/12 * * * *'\n${targets}`)).toEqual([
      'rekeyd.yaml:13:15: accounts[0].targets[0]: the schedule writes it as often as every 12m; its store advises ' +
        '20m or more between two writes',
    ]);
  });

  it('is a pair whose consumers take longer than it may be until its next rotation', () => {
    const targets = 'targets: [{ store: files, address: a, consumerLag: 10m }]';
    expect(warningsOf(`name: a\naccountIds: [a1, b1]\nstrategy: pair\n${targets}`)).toEqual([
      expect.stringContaining('consumerLag 10m is no shorter than minInterval (10m)'),
    ]);
    expect(
      warningsOf(`name: a\naccountIds: [a1, b1]\nstrategy: pair\n${targets.replace('10m', '9m')}`),
    ).toEqual([]);
  });

  it('is an account that rotates in place without a word about its consumers', () => {
    const targets = 'targets: [{ store: files, address: a }]';
    expect(warningsOf(`name: a\naccountId: a1\n${targets}`)).toEqual([
      'rekeyd.yaml:12:15: accounts[0].targets[0]: no consumerLag: rotated in place, the old credential dies at ' +
        'once, and how long consumers go on using it is not known; say how long they take to pick a new value up, ' +
        'such as consumerLag: 5m',
    ]);
  });

  it('is a minInterval that is longer than the shortest time between slots', () => {
    expect(warningsOf(`name: a\naccountId: a1\nschedule: '*/5 * * * *'\n${target('a')}`)).toEqual([
      'rekeyd.yaml:12:15: accounts[0].schedule: slots come as close as 5m, which is less than minInterval (10m): ' +
        'some will be late; shorten minInterval or rotate less often',
    ]);
  });

  it('is a jitter that is longer than the shortest time between slots', () => {
    expect(warningsOf(`name: a\naccountId: a1\nschedule: 0 * * * *\njitter: 2h\n${target('a')}`)).toEqual([
      'rekeyd.yaml:13:13: accounts[0].jitter: jitter 2h is cut to 1h, the shortest time between two slots',
    ]);
  });

  it('is said of the first few accounts of a fleet, and of the others by their number', () => {
    const accounts = Array.from(
      { length: 9 },
      (_, n) => `name: a${n}\naccountId: a${n}\ntargets: [{ store: files, address: a${n} }]`,
    );
    using folder = configFolder(withAccounts(...accounts));
    const warnings = folder.warnings();
    expect(warnings).toHaveLength(6);
    expect(warnings.at(-1)).toMatch(/… and 4 more warnings of this kind$/);
  });
});
