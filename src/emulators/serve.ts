/**
 * An emulated API on a port: its requests with all that is put in their way, its control path, and the end of it all. And what every
 * emulator shows of itself beside what its API is about.
 */
import type { Clock } from '../ports/clock.ts';
import { addControl } from './control.ts';
import type { ControlOptions } from './control.ts';
import { exchange } from './exchange.ts';
import type { EmulatedApi, Rule } from './exchange.ts';
import type { Fault, FaultBook } from './faults.ts';
import { createRateLimit } from './rate.ts';
import { createServer } from './server.ts';
import type { Route, Server } from './server.ts';
import { jsonAnswer } from './wire.ts';
import type { Answer } from './wire.ts';
import type { CalledEvent, CallMatch, Witness } from './witness.ts';

/** Where every emulator listens, and how often it answers. */
export interface ServeOptions {
  /** Where to listen; `127.0.0.1` by default. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Requests in any second; more are answered 429 with `Retry-After: 1`. As many as come by default. */
  readonly rate?: number;
  /** Opens the control path, `/_control`, to whoever can connect; `false` by default. */
  readonly control?: boolean;
}

/** An emulator in the hands of who started it. Disposing of it ends it. */
export interface Emulator<Changed, AnyFault> extends AsyncDisposable {
  /** Base URL for clients. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly port: number;
  /** Id of the organisation. */
  readonly organisation: string;
  /** In plain words for a person: where it listens, the organisation, the accounts. Without any credential. */
  describe(): string;
  /** How many calls arrived, answered or not, that fit all that is given; `path` is without the query. */
  calls(match?: CallMatch): number;
  /** How many calls are over: answered or dropped, with all their effects. */
  readonly answered: number;
  /** What has happened, the oldest first; only the newest 10 000 are kept. */
  readonly events: readonly (CalledEvent | Changed)[];
  /** The first event that fits, of those kept or to come. */
  when(fits: (event: CalledEvent | Changed) => boolean): Promise<CalledEvent | Changed>;
  /** Makes a fault. Throws where it is none. */
  fault(fault: AnyFault): Fault;
  /** Lifts all faults. */
  liftFaults(): void;
}

export interface Serving<Operation extends string, OwnRule extends Rule, Changed, AnyFault> {
  readonly routes: readonly Route<Operation>[];
  readonly api: EmulatedApi<Operation, OwnRule>;
  readonly clock: Clock;
  readonly faults: FaultBook<OwnRule>;
  readonly witness: Witness<Changed>;
  /** The answers to what no route handles. */
  readonly answers: Readonly<Record<'notFound' | 'badBody' | 'internal', Answer>>;
  readonly control: ControlOptions<AnyFault>;
}

export interface Served extends Pick<Server, 'close'> {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly port: number;
}

const HOST = '127.0.0.1';

/** Resolves when it listens. Throws, with a message for a person, where the port cannot be used. */
export async function serve<Operation extends string, OwnRule extends Rule, Changed, AnyFault>(
  serving: Serving<Operation, OwnRule, Changed, AnyFault>,
  { host = HOST, port = 0, rate: perSecond, control = false }: ServeOptions,
): Promise<Served> {
  const { routes, api, clock, faults, witness, answers } = serving;
  const stopping = new AbortController();
  const rate = createRateLimit(clock, perSecond);
  const exchanging = { api, clock, faults, witness, signal: stopping.signal, rate };
  const of = ({ status, body }: Answer) => jsonAnswer(status, body, clock.now());
  const server = createServer({
    routes,
    handle: (operation, request, reply) => exchange(exchanging, operation, request, reply),
    answers: {
      notFound: () => of(answers.notFound),
      badBody: () => of(answers.badBody),
      internal: () => of(answers.internal),
    },
    add: control ? (app) => addControl(app, serving.control) : undefined,
    stop: () => stopping.abort(new Error('the emulator was stopped')),
  });
  const listening = await server.listen(host, port);
  return { ...listening, close: () => server.close() };
}
