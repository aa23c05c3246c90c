/** Dice. Nothing else in the project is random. */

export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
  /** An identifier that sorts by the time of its making: a UUID of version 7. */
  id(now: number): string;
  /** So many bytes that nobody can guess: what secrets are made of. */
  bytes(count: number): Uint8Array;
}
