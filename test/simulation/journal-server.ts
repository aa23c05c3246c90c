/**
 * The journal as a server: operations arrive, are done in order, become durable, and are acknowledged, each at its own time. What
 * a process had asked for when it died is done or not, by the dice, and never half.
 */
import type { Commit, CommitOutcome, Journal } from '../../src/ports/journal.ts';
import { JournalError } from '../../src/ports/journal-error.ts';
import type { Host } from './host.ts';
import { claim, releaseAll } from './journal/claims.ts';
import { commit, lift } from './journal/commits.ts';
import { memoryJournal } from './journal/memory-journal.ts';
import type { Run } from './journal/memory-journal.ts';
import { emptyState } from './journal/state.ts';
import type { JournalState } from './journal/state.ts';
import { Turns } from './turns.ts';
import type { World } from './world.ts';

interface Pending {
  readonly host: Host;
  readonly planned: { cancel(): void };
  do(): void;
}

/** What changes accounts' policies, and whether they are configured. */
const APPLYING: readonly string[] = ['applyBatch', 'leave'];

export class JournalServer {
  state: JournalState = emptyState();
  /** How many journals there have been. */
  lives = 1;
  readonly #world: World;
  #pending: Pending[] = [];
  /** Operations of a process are done in the order in which it asked for them. */
  readonly #doneAt = new WeakMap<Host, number>();
  /** One process applies its configuration at a time. */
  readonly #applying = new Turns();

  constructor(world: World) {
    this.#world = world;
  }

  /** The journal as one process has it open. */
  openFor(host: Host): Journal {
    const life = this.lives;
    const { watch, trace } = this.#world;
    let applyingAt = 0;
    const run: Run = (name, operation) => this.#run(host, { operation: watched(name, operation), life });
    const watched = <T>(name: string, operation: (state: JournalState) => T) => {
      if (!APPLYING.includes(name)) return operation;
      return (state: JournalState) => {
        const done = operation(state);
        watch.slots.applied(state.rows.values(), applyingAt);
        return done;
      };
    };
    const journal = memoryJournal(run);
    return {
      ...journal,
      apply: (files, now) =>
        this.#applying.take(host, () => {
          applyingAt = now;
          return journal.apply(files, now);
        }),
      claim: (given) =>
        run('claim', (state) => {
          const claims = claim(state, given);
          watch.claimed(host, claims);
          for (const { policy, fence } of claims)
            trace.add('journal', () => `${host.name} claims ${policy.name} (${fence})`);
          return claims;
        }),
      lift: (kind, subject, now) =>
        run('lift', (state) => {
          const lifted = lift(state, { kind, subject, now });
          watch.lifted(lifted);
          return lifted;
        }),
      commit: async (given) => {
        const outcome = await run('commit', (state) => this.#commit(host, state, given));
        if (outcome.outcome === 'committed') watch.acknowledged(host, given);
        return outcome;
      },
    };
  }

  #commit(host: Host, state: JournalState, given: Commit): CommitOutcome {
    const { watch, trace } = this.#world;
    const outcome = commit(state, given);
    watch.committed(host, given, outcome);
    trace.add('journal', () => {
      const facts = given.facts.map((fact) => ('target' in fact ? `${fact.kind} ${fact.target}` : fact.kind));
      const due = given.dueAt === undefined ? 'never' : new Date(given.dueAt).toISOString();
      const name = state.rows.get(given.account)?.policy.name ?? given.account;
      const release = given.release ? `; given back, due ${due} (${given.dueWhy ?? ''})` : '';
      return `${host.name} commits for ${name}: ${outcome.outcome}: ${facts.join(', ')}${release}`;
    });
    return outcome;
  }

  /** No process but one can have it: whoever held claims in it is dead. */
  releaseAll(now: number): void {
    releaseAll(this.state, now);
  }

  /** Decides what becomes of what a dead process had asked for. */
  died(host: Host, { atOnce }: { readonly atOnce: boolean }): void {
    const own = this.#pending.filter((pending) => pending.host === host);
    const kept = this.#world.dice.between(0, own.length);
    own.forEach((pending, index) => {
      if (index >= kept || atOnce) pending.planned.cancel();
      if (index < kept && atOnce) pending.do();
    });
    if (atOnce) this.#pending = this.#pending.filter((pending) => pending.host !== host);
    this.#applying.died(host);
    const { timeline } = this.#world;
    const lastAt = atOnce ? timeline.now : (this.#doneAt.get(host) ?? timeline.now);
    timeline.after(lastAt - timeline.now, () => this.#applying.giveUp(host));
  }

  /** The journal is gone, and an empty one is in its place. */
  lose(): void {
    this.state = emptyState();
    this.lives++;
    this.#world.watch.newJournal();
  }

  #run<T>(
    host: Host,
    asked: { readonly operation: (state: JournalState) => T; readonly life: number },
  ): Promise<T> {
    const { timeline, dice, conditions } = this.#world;
    if (host.state === 'dead') return new Promise(() => undefined);
    const slow = dice.chance(conditions('journal').slow ?? 0.01);
    const wayMs = () => (slow ? dice.between(20, 2_000) : Math.max(0, dice.between(-4, 3)));
    const doneAt = Math.max(this.#doneAt.get(host) ?? 0, timeline.now + wayMs());
    this.#doneAt.set(host, doneAt);
    return new Promise((resolve, reject) => {
      // Most operations are done as soon as they are asked for, and acknowledged a little later.
      if (doneAt === timeline.now) {
        const settle = this.#perform(asked, { resolve, reject });
        timeline.after(wayMs(), () => host.answer(settle));
        return;
      }
      const perform = () => {
        this.#pending = this.#pending.filter((one) => one !== pending);
        const settle = this.#perform(asked, { resolve, reject });
        timeline.after(wayMs(), () => host.answer(settle));
      };
      const planned = timeline.after(doneAt - timeline.now, perform);
      const pending: Pending = { host, planned, do: perform };
      this.#pending.push(pending);
    });
  }

  /** Does it now, and answers how whoever asked gets to know. */
  #perform<T>(
    { operation, life }: { readonly operation: (state: JournalState) => T; readonly life: number },
    { resolve, reject }: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void },
  ): () => void {
    if (life !== this.lives) return () => reject(new JournalError('unavailable', 'the journal is gone'));
    try {
      const value = operation(this.state);
      return () => resolve(value);
    } catch (error) {
      return () => reject(error as Error);
    }
  }
}
