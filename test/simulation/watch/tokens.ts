/** Which token a place holds. */
import type { Target } from '../../../src/domain/target.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';

/** The token that the place holds, or held so long ago, in the form in which it should; nothing where it holds anything else. */
export function tokenAt(world: World, { store, address, format }: Target, agoMs = 0): Token | undefined {
  const text = world.shelf(store).valueAt(address, agoMs)?.text ?? '';
  const token = format.kind === 'raw' ? text.trim() : tokenIn(text);
  return world.service.tokens.get(token);
}

function tokenIn(document: string): string {
  try {
    const parsed = JSON.parse(document) as {
      readonly token?: unknown;
      readonly client_secret?: unknown;
    } | null;
    const text = parsed?.token ?? parsed?.client_secret;
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
