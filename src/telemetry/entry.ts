/** What an entry of the tables of facts and events says: how news of that kind is logged and counted. */
import type { Fact, FactBodies, FactKind, FactOf } from '../domain/fact.ts';
import type { EventBodies, EventKind } from '../ports/telemetry.ts';
import type { Level } from './logger.ts';

/** The steps of a rotation, as the field and the label `step` name them. */
export const STEPS = [
  'observe',
  'preflight',
  'mint',
  'prove',
  'deliver',
  'confirm',
  'refresh',
  'retire',
] as const;
export type Step = (typeof STEPS)[number];

/** The metrics that news of one kind moves, beside the counters that count all kinds. */
export type MovedMetric =
  | 'rekeyd_api_refused_total'
  | 'rekeyd_build_info'
  | 'rekeyd_clock_skewed'
  | 'rekeyd_config_last_reload_successful'
  | 'rekeyd_config_reloads_total'
  | 'rekeyd_consumer_refreshes_total'
  | 'rekeyd_deliveries_total'
  | 'rekeyd_journal_lost_total'
  | 'rekeyd_live_tries_total'
  | 'rekeyd_live_credentials_accepted'
  | 'rekeyd_manager_credential_accepted'
  | 'rekeyd_mints_total'
  | 'rekeyd_provider_frozen'
  | 'rekeyd_provider_rate_limited_total'
  | 'rekeyd_provider_reserve_low'
  | 'rekeyd_retirements_total'
  | 'rekeyd_rotations_opened_total'
  | 'rekeyd_rotations_total'
  | 'rekeyd_slots_total'
  | 'rekeyd_store_up'
  | 'rekeyd_targets_found_total';

/** A counter goes up by one, a gauge is set `to` a value. Labels come from the news, `outcome` from here. */
export interface Move {
  readonly metric: MovedMetric;
  readonly outcome?: string;
  readonly to?: number;
}

interface Entry<Body> {
  readonly level: Level;
  /** Constant, in lower case. */
  readonly message: string;
  /** The fields of the body that the line shows. */
  readonly fields: readonly Extract<keyof Body, string>[];
  /** When this happens, in a sentence for the catalogue. */
  readonly when: string;
  readonly moves?: readonly Move[];
}

export interface FactEntry<Kind extends FactKind> extends Entry<FactBodies[Kind]> {
  readonly step?: Step;
  /** Where bodies of this kind tell better news from worse; `level` is then the usual one. */
  levelOf?(fact: FactOf<Kind>): Level;
  /** The outcome of its moves, where the body tells it. */
  outcomeOf?(fact: FactOf<Kind>): string;
}

export type EventEntry<Kind extends EventKind> = Entry<EventBodies[Kind]>;

/** An entry as those see it who have news of any kind in hand. */
export interface AnyEntry extends Omit<Entry<never>, 'fields'> {
  readonly fields: readonly string[];
  readonly step?: Step;
  levelOf?(fact: Fact): Level;
  outcomeOf?(fact: Fact): string;
}
