/** Real dice. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** Bytes that are asked for at once: asking costs more than the bytes do. */
const POOL_BYTES = 4_096;

export function systemRandom(): Random {
  const take = pool();
  return {
    fraction: () => take(6).readUIntBE(0, 6) / 2 ** 48,
    id: (now) => uuid7(now, take(10)),
    // Not from the pool: what is kept there could be read by whoever reads this process's memory later.
    bytes: (count) => randomBytes(count),
  };
}

/** Hands out each random byte once. */
function pool(): (count: number) => Buffer {
  let bytes = Buffer.alloc(0);
  return (count) => {
    if (bytes.length < count) bytes = randomBytes(POOL_BYTES);
    const taken = bytes.subarray(0, count);
    bytes = bytes.subarray(count);
    return taken;
  };
}

/** RFC 9562, section 5.7: 48 bits of time, 74 of chance. */
export function uuid7(now: number, chance: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(now)), 0, 6);
  bytes.set(chance.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join('-');
}
