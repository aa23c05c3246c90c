/** Processes that do something one after the other. One that dies in its turn gives it up. */
import type { Host } from './host.ts';

interface Waiting {
  readonly host: Host;
  readonly begin: () => void;
}

export class Turns {
  #holder: Host | undefined;
  #waiting: Waiting[] = [];

  /** Does it when it is this host's turn. */
  async take<T>(host: Host, act: () => Promise<T>): Promise<T> {
    if (this.#holder === undefined) this.#holder = host;
    else {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ host, begin: () => host.answer(resolve) });
      });
    }
    try {
      return await act();
    } finally {
      this.giveUp(host);
    }
  }

  /** Nothing comes back to it: it waits no more. What it holds is given up when its last request is done. */
  died(host: Host): void {
    this.#waiting = this.#waiting.filter((one) => one.host !== host);
  }

  /** The next one begins. */
  giveUp(host: Host): void {
    if (this.#holder !== host) return;
    const next = this.#waiting.shift();
    this.#holder = next?.host;
    next?.begin();
  }
}
