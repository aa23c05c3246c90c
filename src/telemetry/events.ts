/**
 * Every kind of event of the daemon itself: its line in the log and the metrics it moves. All are counted in
 * `rekeyd_events_total` as well.
 */
import type { EventKind } from '../ports/telemetry.ts';
import type { EventEntry } from './entry.ts';

export const EVENTS = {
  'daemon-started': {
    level: 'info',
    message: 'daemon started',
    fields: ['version', 'node', 'tzdata', 'installation', 'pid'],
    moves: [{ metric: 'rekeyd_build_info', to: 1 }],
    when: 'The process is up; `tzdata` is the version of the time zone data that schedules are calculated with.',
  },
  'daemon-stopping': {
    level: 'info',
    message: 'daemon stopping',
    fields: ['why', 'graceMs'],
    when: 'No mint is sent any more; what is under way is carried through within `graceMs`.',
  },
  'daemon-stopped': {
    level: 'info',
    message: 'daemon stopped',
    fields: ['afterMs'],
    when: 'Everything is closed.',
  },
  'listener-started': {
    level: 'info',
    message: 'listener started',
    fields: ['listener', 'address'],
    when: 'The probes, the socket or the API on TCP answer.',
  },
  'config-applied': {
    level: 'info',
    message: 'config applied',
    fields: ['files', 'accounts', 'changed', 'left', 'tookMs'],
    moves: [
      { metric: 'rekeyd_config_reloads_total', outcome: 'applied' },
      { metric: 'rekeyd_config_last_reload_successful', to: 1 },
    ],
    when: 'The configuration was loaded and is in force.',
  },
  'config-refused': {
    level: 'error',
    message: 'config refused',
    fields: ['problems'],
    moves: [
      { metric: 'rekeyd_config_reloads_total', outcome: 'refused' },
      { metric: 'rekeyd_config_last_reload_successful', to: 0 },
    ],
    when: 'A changed configuration has problems; the last good one stays in force.',
  },
  'config-warned': {
    level: 'warn',
    message: 'config warned',
    fields: ['warning'],
    when: 'The configuration is in force, and something in it is probably not meant.',
  },
  'accounts-found': {
    level: 'info',
    message: 'accounts found',
    fields: ['provider', 'accounts', 'added', 'left'],
    when: 'The accounts that accountsFrom takes of a provider have changed; the configuration is read again with them.',
  },
  'accounts-not-listed': {
    level: 'warn',
    message: 'accounts not listed',
    fields: ['provider', 'message'],
    when:
      'A provider’s list could not be had, or an account on it not be looked at: what accountsFrom took before stays, and that ' +
      'account is not taken.',
  },
  'accounts-over-limit': {
    level: 'error',
    message: 'accounts over limit',
    fields: ['provider', 'matched', 'limit'],
    when: 'More accounts match than the limit of accountsFrom allows: none is added until a person has looked.',
  },
  'journal-opened': {
    level: 'info',
    message: 'journal opened',
    fields: ['path', 'created', 'migrations'],
    when: 'The journal is open and held by this process.',
  },
  'journal-pruned': {
    level: 'info',
    message: 'journal pruned',
    fields: ['facts', 'rotations'],
    when: 'History older than configured was removed.',
  },
  'journal-lost': {
    level: 'error',
    message: 'journal lost',
    fields: ['account'],
    moves: [{ metric: 'rekeyd_journal_lost_total' }],
    when: 'The journal is new although accounts were rotated before: pauses, request ids and history are gone.',
  },
  'store-down': {
    level: 'error',
    message: 'store down',
    fields: ['store', 'message'],
    moves: [{ metric: 'rekeyd_store_up', to: 0 }],
    when: 'The store does not take writes; nothing is minted for accounts with a required target there.',
  },
  'store-up': {
    level: 'info',
    message: 'store up',
    fields: ['store', 'downMs'],
    moves: [{ metric: 'rekeyd_store_up', to: 1 }],
    when: 'A real write there succeeded again: a delivery that waited, or one beside a value that is as it should be.',
  },
  'consumer-holds': {
    level: 'error',
    message: 'consumer holds rotations',
    fields: ['consumer', 'message'],
    when: 'A consumer is unhealthy: accounts that name it with `onUnhealthy: hold` are not rotated unasked.',
  },
  'consumer-released': {
    level: 'info',
    message: 'consumer holds no rotations',
    fields: ['consumer', 'heldMs'],
    when: 'The consumer is through, or nobody waits for it any more.',
  },
  'manager-refused': {
    level: 'error',
    message: 'manager credential refused',
    fields: ['provider', 'message'],
    moves: [{ metric: 'rekeyd_manager_credential_accepted', to: 0 }],
    when: 'The provider refuses the credential that the daemon itself uses; none of its accounts is minted.',
  },
  'manager-accepted': {
    level: 'info',
    message: 'manager credential accepted',
    fields: ['provider', 'heldMs'],
    moves: [{ metric: 'rekeyd_manager_credential_accepted', to: 1 }],
    when: 'The provider accepts the manager credential again.',
  },
  'many-refused': {
    level: 'error',
    message: 'live credentials refused',
    fields: ['provider', 'message'],
    moves: [{ metric: 'rekeyd_live_credentials_accepted', to: 0 }],
    when: 'The provider refuses the live credentials of several accounts: nothing is minted, and nobody parked, because of that.',
  },
  'many-accepted': {
    level: 'info',
    message: 'live credentials accepted',
    fields: ['provider', 'heldMs'],
    moves: [{ metric: 'rekeyd_live_credentials_accepted', to: 1 }],
    when: 'The provider accepts the live credentials of its accounts again.',
  },
  'provider-frozen': {
    level: 'error',
    message: 'provider frozen',
    fields: ['provider', 'by', 'why', 'next'],
    moves: [{ metric: 'rekeyd_provider_frozen', to: 1 }],
    when:
      'Too many of its last mints failed (`by` is `rekeyd`), or a person asked: nothing is minted there that nobody asks ' +
      'for until `rekeyd unfreeze`. `why` says which mints failed; deliveries and recovery go on.',
  },
  'provider-unfrozen': {
    level: 'info',
    message: 'provider unfrozen',
    fields: ['provider', 'by', 'why', 'was', 'heldMs'],
    moves: [{ metric: 'rekeyd_provider_frozen', to: 0 }],
    when: 'A person lifted it; its accounts go on, and slots that came meanwhile follow `missed`.',
  },
  'reserve-low': {
    level: 'error',
    message: 'reserve of calls low',
    fields: ['provider', 'untilAt', 'message'],
    moves: [{ metric: 'rekeyd_provider_reserve_low', to: 1 }],
    when: 'Of the calls of a day, only those kept for recovery are left; none of its accounts is minted.',
  },
  'reserve-enough': {
    level: 'info',
    message: 'reserve of calls enough',
    fields: ['provider', 'heldMs'],
    moves: [{ metric: 'rekeyd_provider_reserve_low', to: 0 }],
    when: 'More calls are left again than are kept for recovery.',
  },
  'clock-skew': {
    level: 'error',
    message: 'clock skew',
    fields: ['message'],
    moves: [{ metric: 'rekeyd_clock_skewed', to: 1 }],
    when: "This machine's clock and those of the services differ by more than 5 minutes; nothing is minted unasked.",
  },
  'clocks-agree': {
    level: 'info',
    message: 'clocks agree',
    fields: ['heldMs'],
    moves: [{ metric: 'rekeyd_clock_skewed', to: 0 }],
    when: "An answer of a service agrees with this machine's clock again.",
  },
  'clock-put-back': {
    level: 'warn',
    message: 'machine clock put back',
    fields: ['byMs'],
    when: "This machine's clock was put back by more than a minute; all accounts are looked through for what waits too long.",
  },
  'provider-rate-limited': {
    level: 'warn',
    message: 'provider rate limited',
    fields: ['provider', 'retryAfterMs'],
    moves: [{ metric: 'rekeyd_provider_rate_limited_total' }],
    when: 'The provider asked to be left alone for a while.',
  },
  'loop-failed': {
    level: 'error',
    message: 'loop failed',
    fields: ['message'],
    when: 'A turn of the loop ended in an error that nobody expected; please report it.',
  },
  'api-called': {
    level: 'info',
    message: 'api called',
    fields: ['method', 'path', 'status', 'by', 'from'],
    when: 'Somebody did more than read: `by` is the token or the user of the socket, `from` the address at the other end.',
  },
  'api-refused': {
    level: 'warn',
    message: 'api refused',
    fields: ['why', 'method', 'path', 'by', 'from'],
    moves: [{ metric: 'rekeyd_api_refused_total' }],
    when:
      'A request on TCP was turned away: without a token, with an unknown one, by a viewer who wanted to act, or after too many ' +
      'attempts. At most 30 a minute are told of one address; the metrics count all.',
  },
  'api-listener-failed': {
    level: 'error',
    message: 'api listener failed',
    fields: ['message'],
    when: 'A changed configuration asks for another listener of the API, which cannot be had; the one before is used on, if any.',
  },
  'api-token-unusable': {
    level: 'error',
    message: 'api token unusable',
    fields: ['name', 'message'],
    when: 'The hash of a token cannot be read; whoever shows that token is refused until it can.',
  },
  'api-certificate-loaded': {
    level: 'info',
    message: 'api certificate loaded',
    fields: ['subject', 'expiresAt'],
    when: 'The certificate of the API was read, at the start or because its files changed.',
  },
  'api-certificate-refused': {
    level: 'error',
    message: 'api certificate refused',
    fields: ['message'],
    when: 'The files of the certificate changed and are of no use; the one before is used on.',
  },
  'request-received': {
    level: 'info',
    message: 'request received',
    fields: ['request', 'does', 'from'],
    when: 'Somebody asked for something, by the socket or with a token.',
  },
} as const satisfies { readonly [Kind in EventKind]: EventEntry<Kind> };
