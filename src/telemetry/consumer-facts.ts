/** Facts about consumers that take up what their targets hold: their lines in the log and the metrics they move. */
import type { FactKind } from '../domain/fact.ts';
import type { FactEntry, Move } from './entry.ts';

const refresh = (outcome: string): readonly Move[] => [
  { metric: 'rekeyd_consumer_refreshes_total', outcome },
];

export const CONSUMER_FACTS = {
  'consumer-refreshing': {
    level: 'info',
    message: 'consumer refreshing',
    step: 'refresh',
    fields: ['target', 'consumer', 'neededAt'],
    moves: refresh('begun'),
    when: 'A consumer is asked to take up all that its targets were confirmed to hold until `neededAt`.',
  },
  'consumer-through': {
    level: 'info',
    message: 'consumer through',
    step: 'refresh',
    fields: ['target', 'consumer', 'lagMs'],
    moves: refresh('through'),
    when: 'The consumer has taken up the new value, `lagMs` after the store had acknowledged it.',
  },
  'consumer-failed': {
    level: 'warn',
    message: 'consumer not refreshed',
    step: 'refresh',
    fields: ['target', 'consumer', 'failure', 'message', 'attempt', 'retryAt'],
    moves: refresh('failed'),
    when: 'The consumer could not be asked, or refused; it is asked again at `retryAt`, and nothing is minted because of it.',
  },
  'consumer-unhealthy': {
    level: 'error',
    message: 'consumer unhealthy',
    step: 'refresh',
    fields: ['target', 'consumer', 'why'],
    moves: refresh('unhealthy'),
    when: 'The consumer says that it failed, or is not through within its `timeLimit`; it is still waited for.',
  },
  'consumer-given-up': {
    level: 'warn',
    message: 'consumer given up',
    step: 'refresh',
    fields: ['target', 'consumer', 'why'],
    moves: refresh('given-up'),
    when: 'The configuration names the consumer no longer, or its target has left it: nobody waits for it any more.',
  },
} as const satisfies { readonly [Kind in FactKind]?: FactEntry<Kind> };
