/** A place between 0 and 1 that a text always has: it spreads accounts out without anybody remembering where. Pure. */
import { hash } from 'node:crypto';

/** From 0 to 1, 1 left out; evenly spread over different texts, and the same for the same one. */
export function shareOf(text: string): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}
