/** The real provider and stores of an engine under test: an emulated Kronup over HTTP, files on the disk. */
import { formatEntry } from '../../src/formats/registry.ts';
import type { Target } from '../../src/domain/target.ts';
import type { Format } from '../../src/ports/format.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';
import { providerEntry } from '../../src/providers/registry.ts';
import { storeEntry } from '../../src/stores/registry.ts';
import type { Clock, ToldTime } from '../../src/ports/clock.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { seededRandom } from './fake-random.ts';
import { secretSource } from '../../src/system/secret-source.ts';

interface More {
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly onTime?: (told: ToldTime) => void;
  readonly onCall?: () => void;
}

export async function openKronup(kronup: KronupEmulator, clock: Clock, more: More = {}): Promise<Provider> {
  const entry = providerEntry('kronup');
  if (entry === undefined) throw new Error('no kronup');
  const config = entry.schema.parse({
    baseUrl: kronup.url,
    token: { env: 'TOKEN' },
    rate: 10_000,
    ...more.config,
  });
  const loaded = await entry.load();
  return loaded.open({
    name: 'kronup',
    config,
    clock,
    random: seededRandom(2),
    environment: {},
    userAgent: 'rekeyd/test',
    secretOf: () => ({
      description: 'the test',
      read: () => Promise.resolve({ ok: true as const, value: new Secret(kronup.manager.token.reveal()) }),
    }),
    onCall: () => more.onCall?.(),
    ...(more.onTime && { onTime: more.onTime }),
  });
}

export async function openKeycard(
  keycard: KeycardEmulator,
  clock: Clock,
  more: More = {},
): Promise<Provider> {
  const entry = providerEntry('keycard');
  if (entry === undefined) throw new Error('no keycard');
  const { clientId, clientSecret } = keycard.manager;
  const config = entry.schema.parse({
    baseUrl: keycard.url,
    clientId,
    clientSecret: { env: 'SECRET' },
    rate: 10_000,
    ...more.config,
  });
  const loaded = await entry.load();
  return loaded.open({
    name: 'keycard',
    config,
    clock,
    random: seededRandom(2),
    environment: {},
    userAgent: 'rekeyd/test',
    secretOf: () => ({
      description: 'the test',
      read: () => Promise.resolve({ ok: true as const, value: clientSecret }),
    }),
    onCall: () => more.onCall?.(),
    ...(more.onTime && { onTime: more.onTime }),
  });
}

export async function openFiles(name: string, directory: string, clock: Clock): Promise<Store> {
  const entry = storeEntry('file');
  if (entry === undefined) throw new Error('no file store');
  const loaded = await entry.load();
  const config = entry.schema.parse({ directory });
  return loaded.open({
    name,
    config,
    installation: 'test',
    clock,
    random: seededRandom(3),
    environment: {},
    secretOf: (reference) => secretSource(reference, {}),
  });
}

export function formatOf({ format }: Target): Format {
  const entry = formatEntry(format.kind);
  if (entry === undefined) throw new Error(`no format ${format.kind}`);
  return entry.create(entry.schema.parse(format.options));
}
