/** Facts about single targets: their lines in the log and the metrics they move. */
import type { FactKind } from '../domain/fact.ts';
import type { FactEntry, Move } from './entry.ts';

const delivery = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_deliveries_total', outcome }];
const found = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_targets_found_total', outcome }];

const FAILURE = ['failure', 'message'] as const;

export const TARGET_FACTS = {
  'delivery-intended': {
    level: 'debug',
    message: 'delivery intended',
    step: 'deliver',
    fields: ['target'],
    when: 'A target with consumers is about to be put right: should the process end in between, they take it up all the same.',
  },
  'target-written': {
    level: 'info',
    message: 'target written',
    step: 'deliver',
    fields: ['target', 'fingerprint', 'version', 'acknowledgedAt', 'identity'],
    moves: delivery('written'),
    when: 'The store acknowledged the new value.',
  },
  'target-confirmed': {
    level: 'debug',
    message: 'target confirmed',
    step: 'confirm',
    fields: ['target', 'fingerprint', 'version'],
    moves: delivery('confirmed'),
    when: 'The target was read back and holds the live credential.',
  },
  'target-failed': {
    level: 'warn',
    message: 'target not written',
    step: 'deliver',
    fields: ['target', ...FAILURE, 'attempt', 'retryAt'],
    moves: delivery('failed'),
    when: 'A delivery failed; it is tried again at `retryAt`, without minting again, for as long as it takes.',
  },
  'target-foreign': {
    level: 'warn',
    message: 'target foreign',
    step: 'observe',
    fields: ['target', 'fingerprint'],
    moves: found('foreign'),
    when:
      'The target holds something that is not known to be of this account: `rekeyd accept`, or `overwrite: true`. Its fingerprint is ' +
      'told only where the provider accepts it, as another account’s.',
  },
  'target-cleared': {
    level: 'info',
    message: 'target cleared',
    step: 'observe',
    fields: ['target'],
    when: 'What was foreign is gone from the target.',
  },
  'target-accepted': {
    level: 'info',
    message: 'target accepted',
    fields: ['target'],
    when: 'A person allowed what is in the target to be overwritten.',
  },
  'target-drifted': {
    level: 'warn',
    message: 'target drifted',
    step: 'observe',
    fields: ['target', 'fingerprint', 'writtenAt', 'writtenBy'],
    moves: found('drifted'),
    when:
      'Somebody changed what had been delivered; it is put right, or reported (`onDrift`). The fingerprint of what is there now is told ' +
      'where that is known as one of this account.',
  },
  'target-contested': {
    level: 'error',
    message: 'target contested',
    step: 'observe',
    fields: ['target', 'why'],
    moves: found('contested'),
    when: 'Somebody writes over what is delivered again and again: it is left alone for a day, or until `rekeyd accept`.',
  },
  'target-uncontested': {
    level: 'info',
    message: 'target no longer contested',
    step: 'observe',
    fields: ['target'],
    when: 'What was delivered to a contested target has stood for a day.',
  },
  'write-proved': {
    level: 'debug',
    message: 'write proved',
    step: 'preflight',
    fields: ['target', 'identity'],
    when: 'A real write by this identity succeeded in the store of the target.',
  },
} as const satisfies { readonly [Kind in FactKind]?: FactEntry<Kind> };
