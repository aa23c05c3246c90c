/** Providers: frozen and unfrozen by hand. */
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { actorOf } from '../caller.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices, FreezingOutcome } from '../services.ts';
import { holdView } from '../views.ts';
import type { HoldView } from '../views.ts';
import { reason } from '../words.ts';

/** The answer to `POST /v1/providers/:name/freeze` and `…/unfreeze`. */
export interface ProviderView {
  readonly provider: string;
  readonly state: 'frozen' | 'unfrozen';
  /** False where it was so already. */
  readonly changed: boolean;
  /** The hold that is in force, or that was lifted. */
  readonly hold?: HoldView;
}

const named = z.object({ name: z.string() });
const body = z.strictObject({ reason });

export function providerRoutes(routes: Routes, services: ApiServices): void {
  for (const does of ['freeze', 'unfreeze'] as const) {
    routes.post(
      `/v1/providers/:name/${does}`,
      { schema: { params: named, body } },
      async (request): Promise<ProviderView> => {
        const { name } = request.params;
        await refuseUnknown(services, name);
        const cause = { actor: actorOf(request), reason: request.body.reason };
        const outcome = await services.freezing[does](name, cause);
        if (outcome.changed) services.wake();
        return viewOf(name, does, outcome);
      },
    );
  }
}

function viewOf(
  provider: string,
  does: 'freeze' | 'unfreeze',
  { changed, hold }: FreezingOutcome,
): ProviderView {
  const state = does === 'freeze' ? 'frozen' : 'unfrozen';
  return { provider, state, changed, ...(hold && { hold: holdView(hold) }) };
}

/** One that left the configuration while it was frozen can still be unfrozen. */
async function refuseUnknown(services: ApiServices, name: string): Promise<void> {
  const { holds } = await services.journal.shared();
  const frozen = holds.filter(({ kind }) => kind === 'frozen').map(({ subject }) => subject);
  const known = [...new Set([...services.providers(), ...frozen])].toSorted();
  if (known.includes(name)) return;
  const near = services.suggest(name, known);
  const words = `there is no provider ${JSON.stringify(name)}${near}`;
  throw new ApiError(404, `${words}${near === '' ? ';' : ''} the providers are: ${known.join(', ')}`);
}
