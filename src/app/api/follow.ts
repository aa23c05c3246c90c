/** Keeps the API on TCP as the configuration says: opened, moved and closed with it, its tokens at once those in force. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiSettings } from '../../config/api-settings.ts';
import type { KnownToken } from '../../http/tokens.ts';
import { openApiListener } from './listener.ts';
import type { ApiListener, ApiParts } from './listener.ts';
import { knownTokens } from './tokens.ts';

export interface FollowedApi extends AsyncDisposable {
  /** Where it listens; `undefined` where it does not. */
  url(): string | undefined;
  /** To be called with each configuration that was applied. What cannot be had is told; it never rejects. */
  follow(settings: ApiSettings | undefined): Promise<void>;
}

/** Rejects with `ListenError` where the listener of these settings cannot be had. */
export async function openApi(settings: ApiSettings | undefined, parts: ApiParts): Promise<FollowedApi> {
  let tokens: readonly KnownToken[] = [];
  let listening: { readonly at: ReturnType<typeof placeOf>; readonly listener: ApiListener } | undefined;

  async function close(): Promise<void> {
    await listening?.listener[Symbol.asyncDispose]();
    listening = undefined;
  }

  async function move(next: ApiSettings | undefined): Promise<void> {
    const known = next === undefined ? [] : knownTokens(next, parts);
    // Taken away at once, whatever becomes of the listener: somebody may have lost one.
    tokens = known;
    const at = placeOf(next);
    if (isDeepStrictEqual(at, listening?.at)) return;
    // The old one goes first: the new one may want its port.
    const before = listening?.at;
    await close();
    if (at === undefined) return;
    try {
      listening = { at, listener: await openApiListener(at, () => tokens, parts) };
    } catch (error) {
      if (before !== undefined)
        listening = { at: before, listener: await openApiListener(before, () => tokens, parts) };
      throw error;
    }
  }

  await move(settings);
  return {
    url: () => listening?.listener.url,
    async follow(next) {
      try {
        await move(next);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        parts.telemetry.event('api-listener-failed', { message });
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

/** All that makes another listener. */
function placeOf(settings: ApiSettings | undefined): Pick<ApiSettings, 'address' | 'tls'> | undefined {
  if (settings === undefined) return undefined;
  const { address, tls } = settings;
  return { address, ...(tls && { tls }) };
}
