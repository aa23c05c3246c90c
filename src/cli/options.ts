/** Options that several commands share, and what their values may be. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../domain/duration.ts';
import type { Host } from '../ports/host.ts';

/** A command's work, loaded when it is called: what it is given are its options and its arguments. */
export type Work<Options> = (host: Host, options: Options, given: readonly unknown[]) => Promise<number>;

/** Makes an action of a command out of its work. */
export type RunWith = <Options>(load: () => Promise<Work<Options>>) => (...given: unknown[]) => Promise<void>;

export function config(): Option {
  return new Option('-c, --config <path>', 'the configuration').env('REKEYD_CONFIG');
}

export function socket(): Option {
  return new Option('--socket <path>', 'the socket of the running daemon').env('REKEYD_SOCKET');
}

/** How a daemon on another machine is reached. */
export function remote(): readonly Option[] {
  return [
    new Option('--url <url>', 'the API of a daemon elsewhere, such as https://rekeyd.example.com:8443').env(
      'REKEYD_URL',
    ),
    new Option('--token-file <path>', 'the file with the token for --url (or REKEYD_TOKEN: the token)').env(
      'REKEYD_TOKEN_FILE',
    ),
    new Option('--ca-file <path>', 'a PEM file with the authorities that --url is trusted by').env(
      'REKEYD_CA_FILE',
    ),
    new Option(
      '--insecure',
      'let --url be plain http to another machine: the token travels in the clear',
    ).env('REKEYD_INSECURE'),
  ];
}

export function output(): Option {
  return new Option('-o, --output <form>', 'how to answer').choices(['table', 'json']).default('table');
}

/** Such as `90s` or `2m`; in ms. */
export function words(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('A duration is a number and a unit (ms, s, m, h, d), such as 90s or 2m.');
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** Labels, of which several may be given. */
export function labels(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[^=]+=/.test(text)) return [...before, text];
  throw new InvalidArgumentError('A label is KEY=VALUE, such as team=payments.');
}

/** An option that may be given several times, each with one value. */
export function repeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `--wait`, with or without for how long. */
export function waitOption(description: string): Option {
  return new Option('--wait [duration]', description).argParser(waitWords).preset('2m');
}

/** An account after `--wait` is taken for its value. */
function waitWords(text: string): number {
  try {
    return words(text);
  } catch {
    throw new InvalidArgumentError(
      'A duration is a number and a unit, such as 90s or 2m. Accounts go before --wait.',
    );
  }
}
