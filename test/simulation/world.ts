/** One world: time, services, processes and people, all from one seed, and the watch upon them. */
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { Account } from '../../src/domain/account.ts';
import type { NewRequest } from '../../src/ports/journal.ts';
import type { Breakage } from './breakage.ts';
import { clocksOf, planClocks } from './clocks.ts';
import { CLUSTER, Cluster, HOOKS } from './cluster.ts';
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { formatOf } from './formats.ts';
import { JournalServer } from './journal-server.ts';
import type { Conditions } from './network.ts';
import { ordealOf } from './ordeals.ts';
import { nameStandbys, nameUndecided, planDeeds } from './people.ts';
import { BEGIN, MINUTE_MS, partnerOf, planOf, strategyOf } from './plan.ts';
import type { Plan, Quota } from './plan.ts';
import { credentialOf } from './credentials.ts';
import { PROVIDER } from './provider.ts';
import { drawOutages, planRestarts, readersOf } from './readers.ts';
import type { Readers } from './readers.ts';
import type { ServiceTroubles } from './service-troubles.ts';
import { Replica } from './replica.ts';
import { Service } from './service.ts';
import type { Token } from './service.ts';
import { Shelf } from './store.ts';
import type { StoreTroubles } from './store.ts';
import { Timeline } from './timeline.ts';
import { traceOf } from './trace.ts';
import type { Trace } from './trace.ts';
import type { Invariant } from './watch/verdicts.ts';
import { Verdicts } from './watch/verdicts.ts';
import { Watch } from './watch/watch.ts';
import { drawWeather } from './weather.ts';
import type { Weather } from './weather.ts';

interface Config {
  readonly hash: string;
  readonly accounts: readonly Account[];
}

const NAMES = ['one', 'two', 'three'];

export class World {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly timeline = new Timeline(BEGIN);
  readonly trace: Trace;
  readonly watch: Watch;
  readonly service: Service;
  readonly journal: JournalServer;
  readonly replicas: readonly Replica[];
  readonly managerToken: Token;
  readonly breakage: Breakage;
  /** Those who read targets and are made to read anew; absent where nobody is. */
  readonly cluster: Cluster | undefined;
  /** The requests that people made. */
  readonly asked = new Set<string>();
  /** Accounts of pairs of which a person said that nobody uses them. */
  readonly saidUnused = new Set<string>();
  managerAccepted = true;
  isCalm = false;
  /** Nothing runs, nor is started. */
  isOff = false;
  hasLostJournal = false;
  readonly #weather: Weather;
  readonly #outages: Weather | undefined;
  readonly #readers: Readers;
  readonly #shelves: ReadonlyMap<string, Shelf>;
  readonly #places = new Map<string, string>();
  readonly #fingerprints = new Map<Token, string>();
  #config: Config = { hash: '0', accounts: [] };
  #calls = { made: 0, endsAt: 0 };
  #added = 0;

  constructor(
    seed: number,
    options: {
      readonly trace: boolean;
      readonly breakage: Breakage;
      readonly heeds: Invariant | undefined;
    },
  ) {
    const dice = diceOf(seed);
    this.breakage = options.breakage;
    const ordeal = ordealOf(seed, strategyOf(seed));
    this.plan = ordeal.plan(planOf(dice.fork(), strategyOf(seed)));
    this.dice = dice.fork();
    this.trace = traceOf(this.timeline, options.trace);
    const overlaps = this.plan.strategy === 'overlap';
    this.service = new Service(this.timeline, dice.fork(), { lifetimeMs: this.plan.lifetimeMs, overlaps });
    this.watch = new Watch(this, new Verdicts(this.timeline, options.heeds));
    this.#shelves = new Map(this.plan.stores.map((kind) => [kind.name, new Shelf(kind, this)]));
    this.journal = new JournalServer(this);
    this.#weather = drawWeather(dice.fork(), this.plan, BEGIN);
    this.#readers = readersOf(seed);
    const { dice: own } = this.#readers;
    this.cluster = own && new Cluster(this, own.fork());
    this.#outages = own && drawOutages(own.fork(), this.plan, BEGIN);
    for (const { accountIds } of this.plan.accounts) for (const id of accountIds) this.service.open(id);
    this.managerToken = this.#manager();
    this.#fill(dice.fork());
    this.configure(this.plan.accounts, 'writes the first configuration');
    const clocks = clocksOf(this.timeline, { plan: this.plan, dice: dice.fork(), seed });
    this.replicas = clocks.map((clock, index) => new Replica(this, NAMES[index] ?? `${index}`, clock));
    for (const replica of this.replicas) replica.start();
    planDeeds(this, dice.fork());
    if (own !== undefined) planRestarts(this, own.fork());
    planClocks(this, seed);
    ordeal.begin(this);
  }

  get showsLive(): boolean {
    return this.plan.showsLive;
  }

  get managerId(): string {
    return this.plan.managerId;
  }

  /** A crash comes instead of one of so many answers; 0: none by itself any more. */
  get crashAfter(): number {
    return this.isCalm ? 0 : Math.round(this.plan.roughness * 400);
  }

  conditions = (service: string): Conditions => this.#weatherOf(service).at(service, this.timeline.now);

  troubles(): ServiceTroubles {
    return this.#weather.at(PROVIDER, this.timeline.now);
  }

  storeTroubles(name: string): StoreTroubles {
    return this.#weatherOf(name).at(name, this.timeline.now);
  }

  #weatherOf(service: string): Weather {
    return service === CLUSTER || service === HOOKS ? (this.#outages ?? this.#weather) : this.#weather;
  }

  shelf(name: string): Shelf {
    const shelf = this.#shelves.get(name);
    if (shelf === undefined) throw new Error(`there is no store ${name}`);
    return shelf;
  }

  /** The provider's id of the account that this place belongs to, or belonged to last. */
  accountAt(store: string, address: string): string | undefined {
    return this.#places.get(`${store}:${address}`);
  }

  config(): Config {
    return this.#config;
  }

  policyOf(id: string): Account | undefined {
    return this.#config.accounts.find(({ accountIds }) => accountIds.includes(id));
  }

  /** Calls with the manager credential in this period, to be counted by the service. In the calm there are enough. */
  callsMade({ periodMs }: Quota): { made: number; readonly endsAt: number } {
    const { now } = this.timeline;
    if (now >= this.#calls.endsAt || this.isCalm) {
      this.#calls = { made: 0, endsAt: now - ((now - BEGIN) % periodMs) + periodMs };
    }
    return this.#calls;
  }

  /** Another account at the service. */
  newAccount(): string {
    const id = `b${++this.#added}`;
    this.service.open(id);
    if (this.plan.strategy === 'pair') this.service.open(partnerOf(id));
    return id;
  }

  configure(drawn: readonly Account[], what: string): void {
    const accounts = drawn.map((account) => this.#readers.name(account));
    this.trace.add('person', () => what);
    for (const { accountIds, targets } of accounts) {
      for (const { store, address } of targets) this.#places.set(`${store}:${address}`, accountIds[0]);
    }
    this.#config = { hash: JSON.stringify(accounts), accounts };
    this.watch.refreshes.configured(accounts);
    for (const replica of this.replicas ?? []) replica.reload();
    if (this.isCalm) this.timeline.after(MINUTE_MS, () => nameStandbys(this));
  }

  replica(dice: Dice): Replica {
    const [first] = this.replicas;
    const chosen = this.replicas[dice.between(0, this.replicas.length - 1)] ?? first;
    if (chosen === undefined) throw new Error('there is no replica');
    return chosen;
  }

  /** Somebody asks a process that runs for something; where none does, nobody hears it. */
  ask(account: Account, request: Pick<NewRequest, 'id' | 'does' | 'target'>): void {
    const replica = this.replicas.find(({ isRunning }) => isRunning);
    const journal = replica?.journal;
    this.trace.add('person', () => `asks for ${request.does} of ${account.name}${request.target ?? ''}`);
    if (replica === undefined || journal === undefined) return;
    this.asked.add(request.id);
    if (request.does === 'standby' && request.target !== undefined) this.saidUnused.add(request.target);
    const asking = async () => {
      const row = await journal.account(account.name);
      if (row === undefined) return;
      await journal.request(
        [{ ...request, account: row.id, cause: { actor: 'person' } }],
        replica.clock.now(),
      );
      replica.wake();
    };
    asking().catch(() => undefined);
  }

  loseJournal(): void {
    this.trace.add('world', () => 'the journal is gone');
    this.journal.lose();
    this.hasLostJournal = true;
    for (const replica of this.replicas) replica.crash('with its journal');
  }

  startLater(replica: Replica): void {
    const afterMs = this.isCalm ? 1_000 : this.dice.pick([500, 5_000, 60_000, 8 * MINUTE_MS]);
    this.timeline.after(afterMs, () => replica.start());
  }

  /** All machines are switched off until the calm. */
  switchOff(): void {
    this.isOff = true;
    for (const replica of this.replicas) replica.crash('for a long time');
  }

  /** Troubles are over: machines run, clocks are right, and nobody does anything more. */
  calm(): void {
    this.trace.add('world', () => 'all is calm from here on');
    this.isCalm = true;
    this.isOff = false;
    this.#weather.calm();
    this.#outages?.calm();
    this.cluster?.calm();
    this.managerAccepted = true;
    for (const replica of this.replicas) {
      if (replica.clock.ahead !== 0) replica.clock.set(0);
      replica.resume();
      replica.start();
    }
    this.timeline.after(MINUTE_MS, () => this.freeze('unfreeze'));
    this.timeline.after(2 * MINUTE_MS, () => nameStandbys(this));
    this.timeline.after(5 * MINUTE_MS, () => nameUndecided(this));
  }

  /** Somebody freezes the provider, or lifts that, however it came. */
  freeze(does: 'freeze' | 'unfreeze'): void {
    const replica = this.replicas.find(({ isRunning }) => isRunning);
    this.trace.add('person', () => `asks to ${does} the provider`);
    replica?.freeze(does).catch(() => undefined);
  }

  /** A token of another account than this one, for answers that are wrong. */
  wrongToken(id: string): Token | undefined {
    return [...this.service.tokens.values()].find(({ account }) => account !== id);
  }

  fingerprintOf(token: Token): string {
    const known = this.#fingerprints.get(token) ?? fingerprintOf(credentialOf(token));
    this.#fingerprints.set(token, known);
    return known;
  }

  #manager(): Token {
    const { managerId } = this.plan;
    const account = this.service.accounts.get(managerId) ?? this.service.open(managerId);
    const live = account.states.at(-1)?.live;
    if (live === undefined) throw new Error('the manager has no token');
    return live;
  }

  /** What targets hold at the start: what is live, something else, or nothing. */
  #fill(dice: Dice): void {
    for (const account of this.plan.accounts) {
      const live = this.service.stateOf(account.accountIds[0])?.live;
      for (const target of account.targets) {
        const what = dice.pick(['live', 'live', 'live', 'live', 'live', 'nothing', 'nothing', 'other']);
        if (what === 'nothing' || live === undefined) continue;
        const encoded = formatOf(target).encode(credentialOf(live), undefined);
        const other = target.format.kind === 'key' ? '{"token":"somebody else’s"}' : 'somebody else’s';
        const text = what === 'other' || !encoded.ok ? other : encoded.value.revealText();
        this.shelf(target.store).put(target.address, text);
      }
    }
  }
}
