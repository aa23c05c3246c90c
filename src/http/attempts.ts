/** Counts what goes wrong by address, so that nobody can go on trying, nor fill the log. */
import { isIPv6 } from 'node:net';

export interface AttemptLimits {
  /** With so many of them … */
  readonly failuresMax: number;
  /** … within this time an address is blocked until it is over, in ms. */
  readonly periodMs: number;
  /** Addresses remembered at once; the oldest is forgotten. */
  readonly addressesMax: number;
}

export interface Attempts {
  /** For how much longer this address is blocked, in ms; `undefined` where it is not. */
  blockedFor(address: string): number | undefined;
  /** One more from there. */
  failed(address: string): void;
}

interface Counted {
  failures: number;
  /** When the first of them came, on the clock that only goes forward. */
  readonly since: number;
}

export function createAttempts(elapsed: () => number, limits: AttemptLimits): Attempts {
  const { failuresMax, periodMs, addressesMax } = limits;
  const counts = new Map<string, Counted>();
  const current = (network: string): Counted | undefined => {
    const counted = counts.get(network);
    if (counted === undefined || elapsed() - counted.since < periodMs) return counted;
    counts.delete(network);
    return undefined;
  };
  return {
    blockedFor(address) {
      const counted = current(networkOf(address));
      if (counted === undefined || counted.failures < failuresMax) return undefined;
      return counted.since + periodMs - elapsed();
    },
    failed(address) {
      const network = networkOf(address);
      const counted = current(network) ?? { failures: 0, since: elapsed() };
      counted.failures += 1;
      counts.set(network, counted);
      const [oldest] = counts.keys();
      if (counts.size > addressesMax && oldest !== undefined) counts.delete(oldest);
    },
  };
}

/** Of an IPv6 address the half that names the network: whoever has one address there has all. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return groups.slice(0, 4).join(':');
}
