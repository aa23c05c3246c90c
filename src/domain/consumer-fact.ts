/** What happened to consumers: facts like all others, kept together because they speak of nothing else. */
import type { ConsumerId } from './consumer.ts';
import type { FailureNote } from './fact.ts';
import type { TargetId } from './target.ts';

/** Each kind of fact with what it carries. Times are ms since the epoch. */
export interface ConsumerFactBodies {
  /** A consumer is about to be asked to take up all that was confirmed until `neededAt`, in whichever targets it reads. */
  'consumer-refreshing': {
    readonly target: TargetId;
    readonly consumer: ConsumerId;
    readonly neededAt: number;
  };
  /** The consumer has taken up what the target holds, so long after the store had acknowledged it. */
  'consumer-through': {
    readonly target: TargetId;
    readonly consumer: ConsumerId;
    readonly lagMs: number;
  };
  /** The consumer could not be asked, or refused. */
  'consumer-failed': FailureNote & {
    readonly target: TargetId;
    readonly consumer: ConsumerId;
    readonly attempt: number;
    readonly retryAt: number;
  };
  /** It failed by its own account, or is not through within its time limit: it is still waited for. */
  'consumer-unhealthy': {
    readonly target: TargetId;
    readonly consumer: ConsumerId;
    readonly why: string;
  };
  /** Nobody waits for it any more. */
  'consumer-given-up': {
    readonly target: TargetId;
    readonly consumer: ConsumerId;
    readonly why: string;
  };
}
