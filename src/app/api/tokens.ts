/** The tokens of the API as the configuration names them, with hashes that are read again when their files change. */
import type { ApiSettings } from '../../config/api-settings.ts';
import type { KnownToken } from '../../http/tokens.ts';
import { TOKEN_HASH } from '../../ports/api-access.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { secretSource } from '../../system/secret-source.ts';

interface Parts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly telemetry: Pick<Telemetry, 'event'>;
}

export function knownTokens({ tokens }: Pick<ApiSettings, 'tokens'>, parts: Parts): readonly KnownToken[] {
  return tokens.map(({ name, role, hash }) => {
    if (typeof hash !== 'string') return { token: name, role, digest: referred(name, hash, parts) };
    const digest = Promise.resolve(bytesOf(hash));
    return { token: name, role, digest: () => digest };
  });
}

/** Complains of each new reason once. */
function referred(
  token: string,
  reference: Parameters<typeof secretSource>[0],
  { environment, telemetry }: Parts,
): KnownToken['digest'] {
  const source = secretSource(reference, environment);
  let complained = '';
  const refuse = (message: string) => {
    if (message !== complained) telemetry.event('api-token-unusable', { name: token, message });
    complained = message;
  };
  return async () => {
    const read = await source.read();
    if (!read.ok) {
      refuse(read.failure.message);
      return undefined;
    }
    const bytes = bytesOf(read.value.reveal().trim());
    if (bytes === undefined) {
      refuse(
        `what is in the ${source.description} is no hash of a token; rekeyd token prints one (sha256:…)`,
      );
      return undefined;
    }
    complained = '';
    return bytes;
  };
}

function bytesOf(hash: string): Uint8Array | undefined {
  const [, hex] = TOKEN_HASH.exec(hash) ?? [];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
}
