import { describe, expect, it } from 'vitest';
import { labels } from '../../src/cli/options.ts';
import { runCommand } from '../../src/cli/program.ts';
import { EXIT } from '../../src/ports/host.ts';
import { fakeHost } from '../world/fake-host.ts';

describe('the option --label', () => {
  it('gathers what is given, one after the other', () => {
    expect(labels('team=payments', labels('tier='))).toEqual(['tier=', 'team=payments']);
  });

  it.each(['payments', '=payments'])('refuses %j and shows what a label looks like', (text) => {
    expect(() => labels(text)).toThrow('such as team=payments');
  });
});

describe('the help of a command that works where it runs', () => {
  it.each(['check', 'once', 'service-accounts list', 'service-accounts regenerate'])(
    'says that %s has no --url, and why',
    async (command) => {
      const host = fakeHost({ arguments: [...command.split(' '), '--help'] });
      expect(await runCommand(host)).toBe(EXIT.ok);
      expect(host.written()).toMatch(/There is no --url: \w+/);
    },
  );
});
