/**
 * The log: one line of JSON an event, with a constant message and what it is about in fields. On a terminal the same
 * lines in colour. Each line is cleaned twice: its fields before they become text, and the text itself.
 */
import { pino } from 'pino';
import { scrub } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import { sanitise } from './sanitise.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** The lowest level that is written; `silent` writes nothing. */
export type LogLevel = Level | 'silent';

export type LogFields = Readonly<Record<string, unknown>>;

/** `message` is constant, in lower case, without a full stop; what varies stands in the fields. */
export interface Log {
  write(level: Level, message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Where lines go: each call brings one or more whole lines. */
export interface LogDestination {
  write(text: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly destination: LogDestination;
  readonly clock: Pick<Clock, 'now'>;
  /** Makes a line of JSON fit for people; absent: JSON. */
  readonly prettify?: (line: string) => string;
}

export function createLog({ level, destination, clock, prettify }: LogOptions): Log {
  const print = (line: string): void => {
    const clean = scrub(line);
    destination.write(prettify === undefined ? clean : prettify(clean));
  };
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: sanitise },
    },
    { write: print },
  );
  const write = (at: Level, message: string, fields: LogFields = {}): void => logger[at](fields, message);
  return {
    write,
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

/** How lines look on a terminal. Loaded when it is asked for, because nobody needs it in a container. */
export async function loadPrettify(options: { readonly colour: boolean }): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({
    colorize: options.colour,
    messageKey: 'message',
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'event',
    singleLine: true,
  });
}
