/** An answer on the wire of a local server: sent whole, or in one of the ways in which real answers go wrong. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../ports/clock.ts';

/** What an API answers, before it is put on the wire; without a body where that is `undefined`. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A JSON answer, or one without a body, dated by the emulator's own clock. */
export function jsonAnswer(status: number, body: unknown, now: number): WireAnswer {
  const date = new Date(now).toUTCString();
  if (body === undefined) return { status, headers: { date }, text: '' };
  const type = 'application/json; charset=utf-8';
  return { status, headers: { 'content-type': type, date }, text: JSON.stringify(body) };
}

export function sendWhole(reply: FastifyReply, answer: WireAnswer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.text);
}

/** No answer: the connection is torn down. */
export function sendNothing(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

/** The head and half of the body, then the connection is torn down. */
export async function sendHalf(reply: FastifyReply, answer: WireAnswer): Promise<void> {
  const bytes = begin(reply, answer);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  await new Promise<void>((resolve) => void reply.raw.write(half, () => resolve()));
  reply.raw.destroy();
}

/** The body in pieces of so many bytes, each so many ms after the one before, for as long as somebody reads. */
export async function sendTrickling(
  reply: FastifyReply,
  answer: WireAnswer,
  pace: {
    readonly everyMs: number;
    readonly bytes: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const bytes = begin(reply, answer);
  // Without it the first piece would wait for the head's company.
  reply.raw.flushHeaders();
  for (let start = 0; start < bytes.length && !reply.raw.destroyed; start += pace.bytes) {
    if (start > 0) await pace.clock.sleep(pace.everyMs, { signal: pace.signal });
    reply.raw.write(bytes.subarray(start, start + pace.bytes));
  }
  reply.raw.end();
}

/** Takes the answer out of the framework's hands and writes its head. */
function begin(reply: FastifyReply, answer: WireAnswer): Buffer {
  reply.hijack();
  const bytes = Buffer.from(answer.text);
  reply.raw.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  return bytes;
}
