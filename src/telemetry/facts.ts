/** Every kind of fact: its line in the log and the metrics it moves. All are counted in `rekeyd_facts_total` as well. */
import type { FactKind } from '../domain/fact.ts';
import { CONSUMER_FACTS } from './consumer-facts.ts';
import type { FactEntry, Move } from './entry.ts';
import { OLD_CREDENTIAL_FACTS } from './old-credential-facts.ts';
import { TARGET_FACTS } from './target-facts.ts';

const mint = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_mints_total', outcome }];
const rotation = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_rotations_total', outcome }];
const slot = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_slots_total', outcome }];

/** Holds that come and go in the course of things: nobody needs to be told. */
const CALM_HOLDS = ['deny-window', 'too-soon', 'paused', 'reserve-low'];

const FAILURE = ['failure', 'message'] as const;

export const FACTS = {
  'account-adopted': {
    level: 'info',
    message: 'account adopted',
    fields: ['live', 'issuedAt', 'evidence'],
    when: 'The account was seen for the first time.',
  },
  'clock-put-back': {
    level: 'info',
    message: 'clock put back',
    fields: ['wasAt', 'confirmed'],
    when: "The machine's clock was put back: what was planned by it comes now; what happened is dated anew once services agree.",
  },
  'policy-changed': {
    level: 'info',
    message: 'policy changed',
    fields: ['name', 'forgotten'],
    when:
      'The configuration says something new of the account; back-off and parking end. `forgotten`: targets that are gone or ' +
      'somewhere else now; what is there is looked at as if for the first time.',
  },
  looked: {
    level: 'debug',
    message: 'account looked at',
    step: 'observe',
    fields: ['requestedAt'],
    when: 'The account and its targets were observed, and all is as recorded.',
  },
  'observe-failed': {
    level: 'warn',
    message: 'account not observed',
    step: 'observe',
    fields: [...FAILURE, 'attempt', 'retryAt'],
    when: 'The account or its targets could not be looked at; tried again at `retryAt`.',
  },
  'slot-skipped': {
    level: 'info',
    message: 'slot skipped',
    fields: ['slot'],
    moves: slot('skipped'),
    when: 'A slot had passed while nobody could run it, and `missed: skip` is configured.',
  },
  'slot-missed': {
    level: 'warn',
    message: 'slot missed',
    fields: ['slot', 'runAt'],
    moves: slot('missed'),
    when: 'A slot had passed while nobody could run it; it runs at `runAt`.',
  },
  'slot-held': {
    level: 'info',
    message: 'slot held',
    fields: ['slot', 'hold'],
    moves: slot('held'),
    when: 'A slot came while a hold was in force; it waits until the hold is lifted.',
  },
  'request-taken': {
    level: 'info',
    message: 'request taken',
    fields: ['request', 'does'],
    when: 'What somebody asked for is being done.',
  },
  'credential-compromised': {
    level: 'warn',
    message: 'credential compromised',
    fields: ['fingerprint'],
    when: 'A person said that the live credential has leaked: it is ended without grace, tried, and has to be refused.',
  },
  'request-refused': {
    level: 'warn',
    message: 'request refused',
    fields: ['request', 'why'],
    when: 'What somebody asked for cannot be done.',
  },
  'rotation-opened': {
    level: 'info',
    message: 'rotation opened',
    fields: ['trigger', 'slot', 'dueAt', 'compromised'],
    moves: [{ metric: 'rekeyd_rotations_opened_total' }],
    when: 'The account is due, and a rotation begins.',
  },
  'rotation-joined': {
    level: 'info',
    message: 'rotation joined',
    fields: ['slot', 'requests', 'compromised'],
    when: 'A newer slot or a request became part of the open rotation, which had not minted yet.',
  },
  'mint-intended': {
    level: 'debug',
    message: 'mint intended',
    step: 'mint',
    fields: ['attempt', 'name', 'accountId', 'preImage'],
    when: 'Everything needed is known, and the mint is about to be sent.',
  },
  'credential-minted': {
    level: 'info',
    message: 'credential minted',
    step: 'mint',
    fields: [
      'fingerprint',
      'reference',
      'accountId',
      'preImage',
      'sentAt',
      'recovered',
      'provedFirst',
      'issuedAt',
      'expiresAt',
    ],
    moves: mint('minted'),
    outcomeOf: (fact) => (fact.recovered ? 'recovered' : 'minted'),
    when: 'A new credential is live (`provedFirst`: once it is proved); with `recovered`, it was found after its answer was lost.',
  },
  'mint-refused': {
    level: 'warn',
    message: 'mint refused',
    step: 'mint',
    fields: [...FAILURE, 'retryAt'],
    moves: mint('refused'),
    when: 'It is certain that nothing was minted.',
  },
  'mint-unknown': {
    level: 'warn',
    message: 'mint unknown',
    step: 'mint',
    fields: [...FAILURE, 'sentAt'],
    moves: mint('unknown'),
    when: 'Nobody knows whether it minted: it is found out by looking, never repeated blindly.',
  },
  'pre-image-seen': {
    level: 'info',
    message: 'old credential still live',
    step: 'mint',
    fields: ['requestedAt'],
    when: 'After a mint of unknown outcome the old credential was seen to be live.',
  },
  'mint-settled': {
    level: 'info',
    message: 'mint settled',
    step: 'mint',
    fields: ['attempt'],
    when: 'Long enough after the mint the old credential was seen to be live, or its account is out of the pair: it may be repeated.',
  },
  'credential-lost': {
    level: 'warn',
    message: 'credential lost',
    step: 'mint',
    fields: ['preImage', 'mintedAt'],
    moves: mint('lost'),
    when: 'It was minted, and its value cannot be had any more; another one is minted.',
  },
  'account-mismatched': {
    level: 'error',
    message: 'account mismatched',
    step: 'mint',
    fields: ['why', 'mintedAt'],
    moves: mint('mismatched'),
    when: 'The answer to a mint names another account or brings the old credential again; a person has to look.',
  },
  'mismatch-cleared': {
    level: 'info',
    message: 'mismatch cleared',
    fields: [],
    when: 'A person found a mismatched account to be right.',
  },
  'live-found': {
    level: 'info',
    message: 'live credential found',
    step: 'observe',
    fields: ['fingerprint', 'reference', 'accountId', 'issuedAt', 'expiresAt'],
    when: 'The provider does not show what is live: the targets hold it, and it was proved.',
  },
  'live-missing': {
    level: 'warn',
    message: 'live credential missing',
    step: 'observe',
    fields: [],
    when: 'The provider does not show what is live, and no target holds it: a new credential is minted.',
  },
  'live-changed': {
    level: 'warn',
    message: 'live credential changed',
    step: 'observe',
    fields: ['fingerprint', 'was', 'accountId', 'issuedAt', 'expiresAt'],
    when: 'The live credential is one that this daemon did not mint; its targets are brought to it.',
  },
  'credential-proved': {
    level: 'debug',
    message: 'credential proved',
    step: 'prove',
    fields: ['fingerprint'],
    when: 'The credential was used, and belongs to the account.',
  },
  'live-tried': {
    level: 'warn',
    message: 'live credential tried',
    step: 'prove',
    fields: ['fingerprint', 'outcome', 'refusedAs', 'counts', 'why', 'othersRefused', 'triedAt', 'tryAt'],
    moves: [{ metric: 'rekeyd_live_tries_total' }],
    outcomeOf: (fact) => fact.outcome,
    levelOf: (fact) => (fact.outcome === 'refused' ? 'warn' : 'info'),
    when: 'The live credential was refused; or, after that, accepted again or neither (`info`). If it `counts`, `onRefused` follows.',
  },
  'others-accepted': {
    level: 'info',
    message: 'others accepted',
    step: 'prove',
    fields: ['fingerprint'],
    when: 'The provider accepts the live credentials of others again, which were refused together with this one: it is tried now.',
  },
  'mint-limited': {
    level: 'warn',
    message: 'mint limited',
    fields: ['why', 'until'],
    when: 'A rotation because of a refused credential would be one too many in an hour; it waits.',
  },
  'old-credential-tried': {
    level: 'debug',
    message: 'old credential tried',
    step: 'prove',
    fields: ['fingerprint', 'outcome'],
    levelOf: (fact) => (fact.outcome === 'accepted' ? 'warn' : 'debug'),
    when: 'The credential that a mint replaced was tried; in place it should be `refused` (`warn` where it was `accepted`).',
  },
  ...OLD_CREDENTIAL_FACTS,
  ...TARGET_FACTS,
  ...CONSUMER_FACTS,
  'rotation-succeeded': {
    level: 'info',
    message: 'rotation succeeded',
    fields: ['fingerprint', 'darkWindowMs', 'estimated'],
    moves: rotation('succeeded'),
    when: 'Every target holds the new credential.',
  },
  'rotation-failed': {
    level: 'warn',
    message: 'rotation failed',
    fields: [...FAILURE, 'attempt', 'retryAt'],
    moves: rotation('failed'),
    when: 'An attempt at a rotation failed; the rotation stays open and goes on at `retryAt`.',
  },
  'rotation-abandoned': {
    level: 'warn',
    message: 'rotation abandoned',
    fields: ['why'],
    moves: rotation('abandoned'),
    when: 'A rotation was given up before it minted.',
  },
  'account-held': {
    level: 'warn',
    message: 'account held',
    fields: ['hold', 'why'],
    levelOf: (fact) => (CALM_HOLDS.includes(fact.hold) ? 'info' : 'warn'),
    when: `A hold is in force from now on (\`info\` for ${CALM_HOLDS.join(', ')}).`,
  },
  'hold-lifted': {
    level: 'info',
    message: 'hold lifted',
    fields: ['hold'],
    when: 'A hold is no longer in force.',
  },
  'account-parked': {
    level: 'error',
    message: 'account parked',
    fields: ['why'],
    when: 'Too many failures of its own: nothing is minted for it until `rekeyd unpark`.',
  },
  'account-unparked': {
    level: 'info',
    message: 'account unparked',
    fields: [],
    when: 'A person, a rotation by hand that succeeded, or a changed policy ended the parking.',
  },
  'account-paused': { level: 'info', message: 'account paused', fields: [], when: 'It was paused.' },
  'account-resumed': { level: 'info', message: 'account resumed', fields: [], when: 'It was resumed.' },
  'account-left': {
    level: 'info',
    message: 'account left',
    fields: [],
    when: 'It is gone from the configuration, and nothing is left to do for it.',
  },
} as const satisfies { readonly [Kind in FactKind]: FactEntry<Kind> };
