/** Real dice. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../ports/random.ts';

export function systemRandom(): Random {
  return { fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48, id: (now) => uuid7(now, randomBytes(10)) };
}

/** RFC 9562, section 5.7: 48 bits of time, 74 of chance. */
export function uuid7(now: number, chance: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(now)), 0, 6);
  bytes.set(chance.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
