/** Every use of a credential by the engine, and what the provider really answered. */
import type { Result } from '../../../src/domain/failure.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';
import { leastApartMs } from './holds-check.ts';

interface Try {
  /** When it was sent, in true time. */
  readonly asked: number;
  readonly outcome: 'accepted' | 'refused';
}

export class Tries {
  /** Those that say something of the credential, the oldest first. */
  readonly #tries = new Map<Token, readonly Try[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  tried({
    token,
    answer,
    asked,
  }: {
    readonly token: Token;
    readonly answer: Result<unknown>;
    readonly asked: number;
  }): void {
    if (!answer.ok && answer.failure.kind !== 'credential-refused') return;
    const one: Try = { asked, outcome: answer.ok ? 'accepted' : 'refused' };
    const known = this.#tries.get(token) ?? [];
    this.#tries.set(
      token,
      [...known, one].toSorted((a, b) => a.asked - b.asked),
    );
  }

  wasAccepted(token: Token): boolean {
    return this.#tries.get(token)?.some(({ outcome }) => outcome === 'accepted') === true;
  }

  wasAcceptedSince(token: Token, since: number): boolean {
    return (
      this.#tries.get(token)?.some(({ outcome, asked }) => outcome === 'accepted' && asked >= since) === true
    );
  }

  /** Whether it was tried until then, and refused each time. */
  wasOnlyRefusedUntil(token: Token, until: number): boolean {
    const before = this.#tries.get(token)?.filter(({ asked }) => asked < until) ?? [];
    return before.length > 0 && before.every(({ outcome }) => outcome === 'refused');
  }

  wasAcceptedLast(token: Token): boolean {
    return this.#tries.get(token)?.at(-1)?.outcome === 'accepted';
  }

  /** Whether one of the credentials of these accounts was accepted once, and refused when it was tried last. */
  someDied(ids: readonly string[]): boolean {
    return [...this.#tries.keys()].some(
      (token) => ids.includes(token.account) && this.wasAccepted(token) && !this.wasAcceptedLast(token),
    );
  }

  /** Whether the last try says that nobody takes it, and was sent since then. */
  wasRefusedLast(token: Token, since: number): boolean {
    const last = this.#tries.get(token)?.at(-1);
    return last?.outcome === 'refused' && last.asked >= since;
  }

  /** For each credential of these accounts that was refused: when those tries were sent, in true time, the oldest first. */
  refusalsOf(ids: readonly string[]): number[][] {
    return [...this.#tries]
      .filter(([{ account }]) => ids.includes(account))
      .map(([, tries]) => tries.flatMap(({ outcome, asked }) => (outcome === 'refused' ? [asked] : [])))
      .filter((tries) => tries.length > 0);
  }

  /** Whether one of their credentials was refused twice, as far apart as that counts, by clocks that may have been set meanwhile. */
  areRefusedTwice(ids: readonly string[]): boolean {
    return this.refusalsOf(ids).some(
      ([first = 0, ...more]) => (more.at(-1) ?? first) - first >= leastApartMs(this.#world, first),
    );
  }
}
