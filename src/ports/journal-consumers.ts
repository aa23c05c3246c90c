/** What the journal knows of consumers that several accounts name. */
import type { ConsumerId } from '../domain/consumer.ts';
import type { Together } from '../domain/refresh.ts';
import type { AccountId } from './journal.ts';

export interface ConsumerJournal {
  /**
   * What the other accounts are about, configured or not, that name the consumer: whether any has a value on the way, or begins a
   * rotation by `soon`; and the newest need of all that name it.
   */
  together(options: {
    readonly consumer: ConsumerId;
    readonly account: AccountId;
    readonly soon: number;
  }): Promise<Together>;
  /** Whether any configured account holds its rotations back while this consumer is unhealthy. */
  isWaitedFor(consumer: ConsumerId): Promise<boolean>;
}
