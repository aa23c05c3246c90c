/** Where the configuration and a running daemon's socket are looked for. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

/** The folder in which the demo keeps everything, below the working directory. */
const DEMO_DIRECTORY = '.rekeyd';

const CONFIG_PLACES = ['rekeyd.yaml', 'config/rekeyd.yaml', '/etc/rekeyd/rekeyd.yaml'];

/** The configuration that was named, else the first that is there. Fails where there is none. */
export function configPath(host: Host, { config }: { readonly config?: string }): string {
  if (config !== undefined) return resolve(host.directory, config);
  const found = foundConfig(host);
  if (found !== undefined) return found;
  const places = configPlaces(host);
  throw new CommandError(
    `no configuration: name it with --config PATH or REKEYD_CONFIG; looked for ${places.join(', ')}. ` +
      'To try rekeyd without one, run: rekeyd demo',
  );
}

/** The first configuration that is in one of the usual places. */
export function foundConfig(host: Host): string | undefined {
  return configPlaces(host).find((place) => existsSync(place));
}

function configPlaces(host: Host): readonly string[] {
  return CONFIG_PLACES.map((place) => resolve(host.directory, place));
}

/** The sockets at which a daemon may answer, the likeliest first. */
export function socketPlaces(host: Host): readonly string[] {
  return [
    join(host.directory, DEMO_DIRECTORY, 'rekeyd.sock'),
    '/run/rekeyd/rekeyd.sock',
    '/var/lib/rekeyd/rekeyd.sock',
  ];
}
