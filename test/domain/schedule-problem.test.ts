import { describe, expect, it } from 'vitest';
import { scheduleProblem } from '../../src/domain/schedule.ts';
import { parseProblem, patternProblem } from '../../src/domain/schedule-problem.ts';

const ALLOWED =
  'allowed are five fields (minute hour day month weekday), six with seconds first, or one of ' +
  '@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually';

describe('what is wrong with a pattern at first sight', () => {
  it.each([
    ['  ', `the schedule is empty; ${ALLOWED}`],
    [' * * * ', `'* * *' has 3 fields; ${ALLOWED}`],
    ['never', `'never' has 1 field; ${ALLOWED}`],
    ['* *   * * * * *', `'* *   * * * * *' has 7 fields; ${ALLOWED}`],
    ['2030-1-1 03:00', `'2030-1-1 03:00' is a date, which would fire once; ${ALLOWED}`],
    ['2030-12-31', `'2030-12-31' is a date, which would fire once; ${ALLOWED}`],
    ['2030-12-31T03:00', `'2030-12-31T03:00' is a date, which would fire once; ${ALLOWED}`],
    ['03:00 * * * *', `'03:00 * * * *' contains a colon; ${ALLOWED}`],
    ['@reboot', `'@reboot' is not supported; ${ALLOWED}`],
    ['hunter2hunter2hunter2', `the text has 1 field; ${ALLOWED}`],
    ['@hunter2hunter2hunter2', `the text is not supported; ${ALLOWED}`],
    ['me@example.com', `the text has 1 field; ${ALLOWED}`],
    ['every hunter2hunter2hunter2', `'every hunter2hunter2hunter2' has 2 fields; ${ALLOWED}`],
    ['@daily2', `'@daily2' is not supported; ${ALLOWED}`],
  ])('is told of %j with what is allowed', (pattern, wantProblem) => {
    expect(patternProblem(pattern)).toBe(wantProblem);
  });

  it.each([
    '* * * * *',
    '* * * * * *',
    ' @hourly ',
    '@DAILY',
    '@midnight',
    '@weekly',
    '@monthly',
    '@yearly',
    '@annually',
  ])('is nothing for %j', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });
});

describe('what is wrong within a pattern', () => {
  it.each([
    ['61 * * * * *', 'second 61 is out of range (allowed: 0-59)'],
    ['61 * * * *', 'minute 61 is out of range (allowed: 0-59)'],
    ['0 24 * * *', 'hour 24 is out of range (allowed: 0-23)'],
    ['0 3 32 * *', 'day 32 is out of range (allowed: 1-31)'],
    ['0 3 * 13 *', 'month 13 is out of range (allowed: 1-12 or JAN-DEC)'],
    ['0 3 * * 8', 'weekday 8 is out of range (allowed: 0-7 or SUN-SAT)'],
    ['0 3 * * L', "'L' is no weekday (allowed: 0-7 or SUN-SAT)"],
    ['H 3 * * *', "'H' has characters that mean nothing as minute"],
    ['0 H * * *', "'H' has characters that mean nothing as hour"],
    ['0 3 H * *', "'H' has characters that mean nothing as day"],
    ['0 3 * H *', "'H' has characters that mean nothing as month"],
    ['0 3 * * H', "'H' has characters that mean nothing as weekday"],
    ['H 0 3 * * *', "'H' has characters that mean nothing as second"],
    ['1,,2 * * * *', 'the minute field has an empty part'],
    ['0 3 * * MON,', 'the weekday field has an empty part'],
    ['1- * * * *', 'a range needs a number on both sides, as in 1-5'],
    ['-5 * * * *', 'a range needs a number on both sides, as in 1-5'],
    ['1-2-3 * * * *', 'a range needs a number on both sides, as in 1-5'],
    ['0 22-2 * * *', 'the range 22-2 runs backwards; write it as two, such as 22-23,0-2'],
    ['5/15 * * * *', "'5/15' is no step; write */15 or 0-59/15"],
    ['/15 * * * *', "'/15' is no step; write */15 or 0-59/15"],
    ['*/0 * * * *', "'0' is no step; write */15 or 0-59/15"],
    ['*/ * * * *', 'a step needs a number after the slash, as in */15'],
    ['*/61 * * * *', 'a step is too long for its field (at most 60)'],
    ['0 3 L-3 * *', "'L-3' is not supported; L stands alone in the day field (the last day of the month)"],
    ['0 3 1,LW * *', "'1,LW' is not supported; LW stands alone in the day field"],
    [
      '0 3 * * MONDAY',
      "'MONDAY' is no name of a month or weekday; they have three letters, such as JAN or MON",
    ],
    ['0 3 * * LL', "'LL' is no weekday (allowed: 0-7 or SUN-SAT)"],
    ['HH 3 * * *', "'HH' has characters that mean nothing as minute"],
    ['0/ * * * *', "'0/' is no step; write */15 or 0-59/15"],
    ['0 3 * * FRI#10', 'the 10 after # is out of range (allowed: 1-5 or L, as in FRI#2)'],
    ['0 3 * * FRI#6', 'the 6 after # is out of range (allowed: 1-5 or L, as in FRI#2)'],
  ])('is told of %j in words for a person', (pattern, wantWords) => {
    expect(scheduleProblem(pattern, 'UTC')).toBe(`'${pattern}': ${wantWords}`);
  });

  it.each([
    [new Error('CronPattern: Syntax error, a thing not heard of before.'), 'a thing not heard of before'],
    ['not even an error', 'not even an error'],
    [new Error('CronPattern: Invalid value for era: 5'), 'era 5 is out of range'],
    [new Error("CronPattern: era is not a number: 'x'"), "era 'x' is not a number"],
    [
      new Error('CronPattern: configuration entry 7 (H) contains illegal characters.'),
      "'H' has characters that mean nothing as a field",
    ],
    [new Error('CronPattern: configuration entry era () is empty'), 'the era field has an empty part'],
  ])('is passed on where it is not known: %s', (error, wantWords) => {
    expect(parseProblem('0 3 * * *', error)).toBe(`'0 3 * * *': ${wantWords}`);
  });
});

describe('the problem of a schedule', () => {
  it.each([
    ['0 3 * * *', 'Europe/Berlin'],
    ['30 0 3 * * *', 'UTC'],
    ['@daily', 'UTC'],
    ['@Hourly', 'UTC'],
    ['0 3 * JAN-MAR MON-FRI', 'UTC'],
    [' 0 3 L * * ', 'UTC'],
    ['0 3 ? * 7', 'UTC'],
    ['0 3 29 2 *', 'UTC'],
  ])('finds none in %j in %s', (pattern, zone) => {
    expect(scheduleProblem(pattern, zone)).toBeUndefined();
  });

  it.each([
    ['0 3 * * * * *', 'UTC', /has 7 fields; allowed are five fields .* six with seconds first/],
    ['* * *', 'UTC', /has 3 fields/],
    ['', 'UTC', /is empty; allowed are five fields/],
    ['2030-01-01T00:00:00Z', 'UTC', /is a date, which would fire once/],
    ['2030-01-01', 'UTC', /is a date/],
    ['0:3 * * * *', 'UTC', /contains a colon/],
    ['@reboot', 'UTC', /'@reboot' is not supported; allowed are .*@daily/],
    ['0 3 30 2 *', 'UTC', /never fires: no date fits/],
    ['0 3 31 4,6 *', 'UTC', /never fires/],
    ['61 * * * *', 'UTC', /minute 61 is out of range \(allowed: 0-59\)/],
    ['0 3 32 * *', 'UTC', /day 32 is out of range \(allowed: 1-31\)/],
    ['0 3 0 * *', 'UTC', /day 0 is out of range/],
    ['0 3 * 13 *', 'UTC', /month 13 is out of range \(allowed: 1-12 or JAN-DEC\)/],
    ['0 3 * * 8', 'UTC', /weekday 8 is out of range/],
    ['0 3 * * L', 'UTC', /'L' is no weekday/],
    ['0 3 * * MONDAY', 'UTC', /three letters/],
    ['0 3 * * FRI-MON', 'UTC', /runs backwards/],
    ['0 3 * * FRI#6', 'UTC', /the 6 after # is out of range/],
    ['0 3 L-3 * *', 'UTC', /'L-3' is not supported; L stands alone/],
    ['H 3 * * *', 'UTC', /'H' has characters that mean nothing as minute/],
    ['*/0 * * * *', 'UTC', /'0' is no step/],
    ['5/15 * * * *', 'UTC', /'5\/15' is no step; write \*\/15/],
    ['1,,2 * * * *', 'UTC', /the minute field has an empty part/],
    ['0 3 * * *', '', /time zone is empty; give an IANA name/],
    ['0 3 * * *', 'Mars/Phobos', /unknown time zone "Mars\/Phobos"/],
    ['0 3 * * *', 'local', /unknown time zone/],
  ])('refuses %j in %j', (pattern, zone, wantProblem) => {
    expect(scheduleProblem(pattern, zone)).toMatch(wantProblem);
  });

  it('says the same when it is asked again', () => {
    expect(scheduleProblem('0 3 30 2 *', 'UTC')).toBe(scheduleProblem('0 3 30 2 *', 'UTC'));
  });
});
