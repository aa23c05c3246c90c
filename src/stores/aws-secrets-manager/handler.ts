/** The SDK's way to HTTP, with a limit that the SDK lacks: it reads whole answers into memory, however long they are. */
import { pipeline, Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** AWS's longest answers are a value of 64 KiB in base64, and a page of a hundred versions. */
const ANSWER_BYTES_MAX = 1_048_576;

/** Whoever answers is not AWS, or ill. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
  readonly bytesMax = ANSWER_BYTES_MAX;
}

/** Owns the sockets of its agents. */
export class BoundedHandler extends NodeHttpHandler {
  override async handle(
    ...asked: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    const { response } = await super.handle(...asked);
    const body: unknown = response.body;
    // What goes wrong on the way is told by the stream that the SDK reads.
    if (body instanceof Readable) response.body = pipeline(body, upTo(ANSWER_BYTES_MAX), () => undefined);
    return { response };
  }
}

function upTo(bytesMax: number): Transform {
  let length = 0;
  return new Transform({
    transform(piece: Uint8Array, _encoding, done: TransformCallback) {
      length += piece.byteLength;
      if (length <= bytesMax) done(null, piece);
      else done(new AnswerTooLongError(`more than ${bytesMax} bytes`));
    },
  });
}
