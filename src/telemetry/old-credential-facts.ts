/** Facts about credentials that work beside the live one: their lines in the log and the metrics they move. */
import type { FactKind } from '../domain/fact.ts';
import type { FactEntry, Move } from './entry.ts';

const mint = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_mints_total', outcome }];
const retirement = (outcome: string): readonly Move[] => [{ metric: 'rekeyd_retirements_total', outcome }];

export const OLD_CREDENTIAL_FACTS = {
  'credential-unusable': {
    level: 'warn',
    message: 'credential unusable',
    step: 'mint',
    fields: ['why', 'fingerprint', 'reference', 'mintedAt'],
    moves: mint('unusable'),
    when: 'It was minted beside the live credential, and nobody can have its value, or it is refused; another one is minted.',
  },
  'credential-found-late': {
    level: 'warn',
    message: 'credential found late',
    step: 'observe',
    fields: ['reference', 'name', 'createdAt'],
    when: 'A mint that seemed not to have happened did; what it brought is retired after a day, if nobody used it.',
  },
  'credential-unknown': {
    level: 'warn',
    message: 'credential unknown',
    step: 'observe',
    fields: ['reference', 'name', 'createdAt', 'lastUsedAt'],
    when: 'The account has a credential that this daemon knows nothing of. It is left alone: retire it by hand if nobody needs it.',
  },
  'unknown-credential-gone': {
    level: 'info',
    message: 'unknown credential gone',
    step: 'observe',
    fields: ['reference'],
    when: 'A credential of the account that nobody here knew is not there any more.',
  },
  'grace-begun': {
    level: 'info',
    message: 'grace begun',
    step: 'retire',
    fields: ['reference', 'fingerprint', 'until', 'hardLimitAt'],
    when: 'Every target holds the newer one. The old one works until `until` at least; at `hardLimitAt` it is retired whoever uses it.',
  },
  'retire-waits': {
    level: 'info',
    message: 'old credential not retired yet',
    step: 'retire',
    fields: ['reference', 'why', 'tryAt'],
    moves: retirement('waited'),
    when: 'Something is against retiring an old credential; that is looked into again at `tryAt`.',
  },
  'retire-intended': {
    level: 'info',
    message: 'retire intended',
    step: 'retire',
    fields: ['reference', 'fingerprint', 'lastUsedAt', 'stillUsed'],
    levelOf: (fact) => (fact.stillUsed === true ? 'warn' : 'info'),
    when: 'An old credential is about to be retired; with `stillUsed` (`warn`) the hard limit has passed, and somebody will be refused.',
  },
  'retire-failed': {
    level: 'warn',
    message: 'retire failed',
    step: 'retire',
    fields: ['reference', 'failure', 'message', 'tryAt'],
    moves: retirement('failed'),
    when: 'An old credential could not be retired, or nobody knows; it is looked for again at `tryAt`.',
  },
  'credential-retired': {
    level: 'info',
    message: 'credential retired',
    step: 'retire',
    fields: ['reference', 'fingerprint', 'gone'],
    moves: retirement('retired'),
    outcomeOf: (fact) => (fact.gone === true ? 'gone' : 'retired'),
    when: 'An old credential works no more; with `gone`, somebody else had ended it.',
  },
  'live-located': {
    level: 'info',
    message: 'live credential located',
    step: 'observe',
    fields: ['fingerprint', 'reference', 'accountId'],
    when: "It was seen which of a pair's accounts the live credential belongs to, or what the list of its account calls it.",
  },
  'standby-named': {
    level: 'info',
    message: 'standby named',
    fields: ['accountId'],
    when: 'A person said which account of a pair is minted for, because nothing shows which one is live.',
  },
  'pair-roles-differ': {
    level: 'warn',
    message: 'pair roles differ',
    step: 'observe',
    fields: ['roles'],
    when: 'The two accounts of a pair have different roles: what consumers may do changes with each turn. Told once; give both the same.',
  },
  'pair-roles-agree': {
    level: 'info',
    message: 'pair roles agree',
    step: 'observe',
    fields: ['roles'],
    when: 'The two accounts of a pair have the same role again.',
  },
} as const satisfies { readonly [Kind in FactKind]?: FactEntry<Kind> };
