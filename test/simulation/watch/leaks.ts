/** Whether a credential is in a text, as it is or encoded: each begins with a mark. */
import { TOKEN_MARK } from '../service.ts';

const MARKS = [
  TOKEN_MARK,
  ...[0, 1, 2].map((before) =>
    Buffer.from(`${'x'.repeat(before)}${TOKEN_MARK}`)
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  ),
].filter((mark) => mark.length >= 4);

export function leaks(text: string): boolean {
  return MARKS.some((mark) => text.includes(mark));
}
