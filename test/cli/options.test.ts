import { describe, expect, it } from 'vitest';
import { labels } from '../../src/cli/options.ts';

describe('the option --label', () => {
  it('gathers what is given, one after the other', () => {
    expect(labels('team=payments', labels('tier='))).toEqual(['tier=', 'team=payments']);
  });

  it.each(['payments', '=payments'])('refuses %j and shows what a label looks like', (text) => {
    expect(() => labels(text)).toThrow('such as team=payments');
  });
});
