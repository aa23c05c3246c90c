// An emulated Kronup with a configuration, and commands that run as the command line would run them, with or without a person.

import { runCommand } from '../../src/cli/program.ts';
import { loadForDaemon } from '../../src/app/journal.ts';
import { startDaemon } from '../../src/app.ts';
import type { Daemon } from '../../src/app.ts';
import type { KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import type { Host } from '../../src/ports/host.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import type { CheckWorld } from './check-world.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  /** What a person was asked. */
  readonly asked: readonly string[];
}

export interface ServiceAccountWorld extends CheckWorld {
  /** Id of the emulator's account with this index. */
  id(index: number): string;
  /** Runs a command where nobody sits. */
  run(...args: readonly string[]): Promise<Ran>;
  /** Runs a command on a terminal at which somebody answers. */
  runFor(answer: (question: string) => string | Promise<string>, ...args: readonly string[]): Promise<Ran>;
  /** Starts the daemon of the configuration. */
  daemon(): Promise<Daemon>;
}

/** None of the accounts is managed, unless the test configures it. `more`: what is different for the commands. */
export async function serviceAccountWorld(
  emulator: Partial<KronupEmulatorOptions> = {},
  more: Partial<Host> = {},
): Promise<ServiceAccountWorld> {
  const world = await checkWorld(emulator);
  await world.configure([], ['probes: { address: 127.0.0.1:0 }']);
  const daemons: Daemon[] = [];
  const run = async (
    args: readonly string[],
    answer?: (question: string) => string | Promise<string>,
  ): Promise<Ran> => {
    const asked: string[] = [];
    const isTerminal = answer !== undefined;
    const input = {
      isTerminal,
      async line(question: string) {
        asked.push(question);
        return (await answer?.(question)) ?? '';
      },
    };
    let output = '';
    const host = fakeHost({
      ...more,
      directory: world.folder,
      arguments: [...args, '-c', world.config],
      input,
      output: { isTerminal, write: (text) => void (output += text) },
    });
    const code = await runCommand(host);
    return { code, output, errors: host.complained(), asked };
  };
  return {
    ...world,
    id: (index) => world.kronup.accounts[index]?.id ?? '',
    run: (...args) => run(args),
    runFor: (answer, ...args) => run(args, answer),
    async daemon() {
      const host = fakeHost({ directory: world.folder });
      const { clock } = host;
      const { loaded, journal } = await loadForDaemon({ host, configPath: world.config });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const telemetry = await createTelemetry({ level: 'info', output: { write: () => undefined }, clock });
      const daemon = await startDaemon({
        host,
        telemetry,
        configPath: world.config,
        config: loaded.config,
        ...(journal && { journal }),
      });
      daemons.push(daemon);
      await daemon.engine.idle();
      return daemon;
    },
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon.stop('the test is over');
      await world[Symbol.asyncDispose]();
    },
  };
}
