/** Opens the daemon's doors: probes first, then the socket, then the API for other machines, which follows the configuration. */
import { openApi } from './api/follow.ts';
import { openProbes, openSocket, servicesOf } from './listeners.ts';
import type { ListenWith } from './listeners.ts';

export interface Doors {
  /** Where probes and metrics are served. */
  readonly probes: string;
  /** Where the API is served to other machines now, if it is. */
  api(): string | undefined;
}

/** `undo` closes them, the last one first. Rejects with `ListenError` where one cannot be had. */
export async function openDoors(options: ListenWith, undo: AsyncDisposableStack): Promise<Doors> {
  const { config, host, reloader, telemetry } = options;
  const { url } = undo.use(await openProbes(options));
  telemetry.event('listener-started', { listener: 'probes', address: url });
  undo.use(await openSocket(options));
  const parts = { services: servicesOf(options), telemetry, environment: host.environment };
  const api = undo.use(await openApi(config.settings.api, parts));
  reloader.onApplied(() => api.follow(reloader.settings().api));
  return { probes: url, api: () => api.url() };
}
