/** Packs the accounts of a file into batches that take little memory until the journal asks for them. */
import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Account } from '../domain/account.ts';

/** Accounts of one batch: the journal writes it in one piece, in a few milliseconds. */
const BATCH_ACCOUNTS = 200;
/** Fast; policies resemble one another so much that more effort gains nothing. */
const COMPRESSION_LEVEL = 1;
const HASH_LENGTH = 32;

export interface Packer {
  add(account: Account): void;
  /** Call when all were added. */
  batches(): readonly Uint8Array[];
}

export function packAccounts(): Packer {
  const packed: Uint8Array[] = [];
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    packed.push(deflateRawSync(`[${waiting.join(',')}]`, { level: COMPRESSION_LEVEL }));
    waiting = [];
  };
  return {
    add(account) {
      const policy = JSON.stringify(account);
      const digest = hash('sha256', policy, 'hex').slice(0, HASH_LENGTH);
      waiting.push(`{"policy":${policy},"hash":"${digest}"}`);
      if (waiting.length === BATCH_ACCOUNTS) flush();
    },
    batches() {
      flush();
      return packed;
    },
  };
}

/** A batch as the JSON text of `ConfiguredAccount[]`. */
export function unpack(batch: Uint8Array): string {
  return inflateRawSync(batch).toString('utf8');
}
