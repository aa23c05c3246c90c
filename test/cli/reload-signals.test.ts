import { describe, expect, it } from 'vitest';
import { reloadSignals } from '../../src/cli/reload-signals.ts';
import { fakeHost } from '../world/fake-host.ts';

function listening() {
  const host = fakeHost();
  const reloads = reloadSignals(host);
  let count = 0;
  const daemon = {
    reload() {
      count += 1;
      return Promise.resolve({ ok: true as const, applied: { accounts: 1, changed: 0, left: 0 } });
    },
  };
  return { host, reloads, daemon, count: () => count };
}

describe('SIGHUP', () => {
  it('makes a daemon that runs read its configuration again, each time', () => {
    const { host, reloads, daemon, count } = listening();
    reloads.started(daemon);
    expect(count()).toBe(0);
    host.signal('SIGHUP');
    host.signal('SIGHUP');
    expect(count()).toBe(2);
  });

  it('does so once the daemon has started where it came before, however often', () => {
    const { host, reloads, daemon, count } = listening();
    host.signal('SIGHUP');
    host.signal('SIGHUP');
    expect(count()).toBe(0);
    reloads.started(daemon);
    expect(count()).toBe(1);
  });

  it('is not listened for any more afterwards', () => {
    const { host, reloads, daemon, count } = listening();
    reloads.started(daemon);
    reloads[Symbol.dispose]();
    host.signal('SIGHUP');
    expect(count()).toBe(0);
  });
});
