/** Where something listens, as people write it. */
import type { Flaw } from './problem.ts';
import { foundWords } from './words.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/** An empty host where it is wrong, which is then among the flaws. */
export function readAddress(address: string, path: Flaw['path'], flaws: Flaw[]): Address {
  const [, bracketed, plain, digits] = ADDRESS.exec(address) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= PORT_MAX) return { host, port };
  const message = `found ${foundWords(address)}; allowed: a host and a port, such as 0.0.0.0:8080 or [::]:8080`;
  flaws.push({ path, at: 'value', message });
  return { host: '', port: 0 };
}
