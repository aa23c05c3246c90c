/** How the mints that nobody asked for ended, counted by the checker itself: after too many failures the provider has to be frozen. */
import type { Fact } from '../../../src/domain/fact.ts';
import type { KnownRotation } from './book-entries.ts';

interface End {
  readonly rotation: string;
  readonly attempt: number;
  failed: boolean;
}

export class MintEnds {
  #ends: End[] = [];
  readonly #limit: { readonly failures: number; readonly of: number };

  constructor(limit: { readonly failures: number; readonly of: number }) {
    this.#limit = limit;
  }

  get isOverLimit(): boolean {
    return this.#ends.filter(({ failed }) => failed).length >= this.#limit.failures;
  }

  forget(): void {
    this.#ends = [];
  }

  take(fact: Fact, rotation: KnownRotation): void {
    const failed = failedBy(fact);
    const attempt = Math.max(0, ...rotation.intents.keys());
    if (failed === undefined || rotation.isManual || attempt === 0) return;
    const known = this.#ends.find((end) => end.rotation === fact.rotation && end.attempt === attempt);
    // A credential that does not fit later on says nothing of the mint that brought it.
    if (known !== undefined && fact.kind === 'account-mismatched') return;
    if (known === undefined) this.#ends.push({ rotation: fact.rotation ?? '', attempt, failed });
    else known.failed = failed;
    this.#ends = this.#ends.slice(-this.#limit.of);
  }
}

/** Nothing where it does not count. */
function failedBy(fact: Fact): boolean | undefined {
  switch (fact.kind) {
    case 'credential-minted':
      return false;
    case 'account-mismatched':
      return true;
    case 'mint-unknown':
      return fact.interrupted === true ? undefined : true;
    case 'mint-refused':
      return fact.failure === 'not-allowed' || fact.failure === 'not-found' ? true : undefined;
    default:
      return undefined;
  }
}
