/**
 * Sends one HTTP request once and says how far it came. It follows no redirect, repeats nothing, and is over when its
 * signal is aborted, whatever the other side does.
 */
import type { Dispatcher } from 'undici';

export interface Outgoing {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** A longer body ends the exchange. */
  readonly bytesMax: number;
  /** Bounds the whole exchange. */
  readonly signal: AbortSignal;
  /** Asked just before `onWriting`, in the same turn: why the request may not be written, if so. */
  readonly mayWrite?: () => string | undefined;
  /** Called just before the request is written to a socket, in the same turn. */
  readonly onWriting?: () => void;
}

export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Uint8Array;
    }
  /** Not a byte of the request was written. */
  | { readonly kind: 'not-sent'; readonly why: string; readonly error: Error }
  /** Nor was any here: `mayWrite` said why not. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** It was written, and no whole answer came. */
  | { readonly kind: 'broken'; readonly why: string; readonly error: Error }
  /** It was written, and the answer is longer than allowed. */
  | { readonly kind: 'too-long'; readonly status: number };

export function exchange(dispatcher: Dispatcher, outgoing: Outgoing): Promise<Exchange> {
  const { signal, bytesMax } = outgoing;
  return new Promise((resolve) => {
    let writing: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Readonly<Record<string, string | string[] | undefined>> = {};
    let length = 0;
    const chunks: Buffer[] = [];
    let over = false;

    const end = (outcome: Exchange) => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', stop);
      resolve(outcome);
    };
    const fail = (error: unknown) =>
      end({
        kind: writing === undefined ? 'not-sent' : 'broken',
        why: reasonOf(error),
        error: errorOf(error),
      });
    // undici looks at a signal only once a request is on a socket; a connection that never comes about would hold the call.
    const stop = () => {
      fail(signal.reason);
      writing?.abort(errorOf(signal.reason));
    };

    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        // Given up while it waited for a connection, or about to be sent a second time: neither may reach the wire.
        if (over || writing !== undefined) return controller.abort(new Error('not to be sent'));
        const why = outgoing.mayWrite?.();
        if (why !== undefined) {
          end({ kind: 'withheld', why });
          return controller.abort(new Error('not to be sent'));
        }
        writing = controller;
        outgoing.onWriting?.();
      },
      onResponseStart(_controller, code, fields) {
        // An informational answer comes first, where there is one; the last counts.
        status = code;
        headers = fields;
      },
      onResponseData(controller, chunk) {
        length += chunk.byteLength;
        if (length <= bytesMax) return void chunks.push(chunk);
        end({ kind: 'too-long', status });
        controller.abort(new Error('the answer is too long'));
      },
      onResponseEnd: () => end({ kind: 'answered', status, headers, body: Buffer.concat(chunks) }),
      onResponseError: (_controller, error) => fail(error),
    };
    try {
      const { origin, path, method, headers: sent, body } = outgoing;
      dispatcher.dispatch({ origin, path, method, headers: { ...sent }, body: body ?? null }, handler);
    } catch (error) {
      fail(error);
    }
  });
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}

/** In words: the system's code where there is one, because the text of an error may be empty. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'aborted';
  const code = (error as NodeJS.ErrnoException).code;
  // OpenSSL brings an address in memory, its own source's lines and a line break; its reason stands among them.
  const [, reason] = /:error:[^:]*:[^:]*:[^:]*:([^:]+):/.exec(error.message) ?? [];
  // What follows a semicolon is advice about Node's own options.
  const text = (reason ?? error.message.split(';')[0]) || error.name;
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
