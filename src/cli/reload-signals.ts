/** SIGHUP makes a daemon read its configuration again. Heard from the beginning: nobody listening, it would end the process. */
import type { Daemon } from '../app.ts';
import type { Host } from '../ports/host.ts';

export interface ReloadSignals extends Disposable {
  /** It reloads from now on, and once for a signal that came before. */
  started(daemon: Pick<Daemon, 'reload'>): void;
}

export function reloadSignals(host: Host): ReloadSignals {
  let isAsked = false;
  let running: Pick<Daemon, 'reload'> | undefined;
  const heard = host.onSignal(['SIGHUP'], () => {
    isAsked = true;
    void running?.reload();
  });
  return {
    started(daemon) {
      running = daemon;
      if (isAsked) void daemon.reload();
    },
    [Symbol.dispose]: () => heard[Symbol.dispose](),
  };
}
