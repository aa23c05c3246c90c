/** What to do next for one account: the answer of `decide`. */
import type { ConsumerId } from './consumer.ts';
import type { Fingerprint } from './credential.ts';
import type { FactBodies, FactKind } from './fact.ts';
import type { Target, TargetId } from './target.ts';
import type { Wake } from './wake.ts';

/** A fact before the engine gave it its id, instant and cause. */
export type NewFact = {
  [Kind in FactKind]: { readonly kind: Kind } & FactBodies[Kind];
}[FactKind];

export interface Answer {
  readonly id: string;
  readonly state: 'taken' | 'refused';
  readonly why?: string;
}

export type Decision =
  /** Write these facts down, on behalf of a request where one is named. */
  | {
      readonly do: 'note';
      readonly facts: readonly [NewFact, ...NewFact[]];
      readonly answers?: readonly Answer[];
    }
  /** Look at the account, at whom the manager credential belongs to, and at these targets. */
  | {
      readonly do: 'observe';
      readonly account: boolean;
      readonly manager: boolean;
      /** Uses the manager credential even where it is known whose it is: whether it is accepted now. */
      readonly again?: true;
      readonly targets: readonly Target[];
    }
  /** Ask the provider what time it is: nobody has told. */
  | { readonly do: 'ask-time' }
  /** Use this credential and see whose it is. */
  | { readonly do: 'try'; readonly fingerprint: Fingerprint }
  /** Try the live credentials of a few other accounts of the provider. */
  | { readonly do: 'try-others' }
  /** Ask for one mint because of a refused credential. */
  | { readonly do: 'grant' }
  | { readonly do: 'preflight'; readonly targets: readonly Target[] }
  /** Mint, and deliver what comes of it, as one effect. */
  | { readonly do: 'mint' }
  | { readonly do: 'deliver'; readonly fingerprint: Fingerprint; readonly targets: readonly Target[] }
  /** Ask a consumer to take up what a target holds, or see how far it is. */
  | { readonly do: 'refresh'; readonly target: TargetId; readonly consumer: ConsumerId }
  /** End the old credential with this reference. */
  | { readonly do: 'retire'; readonly reference: string }
  /** Nothing until then. */
  | { readonly do: 'rest'; readonly wake: Wake | undefined };

export function note(...facts: readonly [NewFact, ...NewFact[]]): Decision {
  return { do: 'note', facts };
}
