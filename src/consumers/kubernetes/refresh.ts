/** Refreshes one consumer in a cluster: looks, begins what was not begun for the need, and says how far it is. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Progress } from '../../ports/consumer.ts';
import type { ConsumerAddress, ConsumerKind } from './address.ts';
import { whereOf } from './api.ts';
import type { Api } from './api.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { externalSecret } from './external-secret.ts';
import type { Kind, Looked, Need } from './look.ts';
import type { Meta } from './models.ts';
import { rollout } from './rollout.ts';
import { statefulSet } from './stateful-set.ts';

const KINDS: Readonly<Record<ConsumerKind, Kind<never>>> = {
  Deployment: deployment as Kind<never>,
  StatefulSet: statefulSet as Kind<never>,
  DaemonSet: daemonSet as Kind<never>,
  Rollout: rollout as Kind<never>,
  ExternalSecret: externalSecret as Kind<never>,
};

/** Somebody changed the same object between a look and a change, so often. Its controller does that while it works on it. */
const TRIES_MAX = 5;

export async function refresh(api: Api, address: ConsumerAddress, need: Need): Promise<Result<Progress>> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const seen = await see(api, address, need);
    if (!seen.ok) return seen;
    const { looked, resourceVersion } = seen.value;
    if (looked.state === 'refused') return refused(address, looked.why);
    if (looked.state !== 'to-begin') return succeeded(looked);
    const changed = await api.change(address, { fields: looked.fields, resourceVersion, dryRun: false });
    if (!changed.ok) return changed;
    if (changed.value === 'changed') return succeeded({ state: 'under-way', why: looked.why });
  }
  return busy(address);
}

/** Tries without an effect what `refresh` would do now. */
export async function preflight(
  api: Api,
  address: ConsumerAddress,
  { verb, ...need }: Omit<Need, 'neededAt'> & { readonly verb: string },
): Promise<Result<string>> {
  const kind = KINDS[address.kind];
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const seen = await see(api, address, { ...need, neededAt: need.now });
    if (!seen.ok) return seen;
    const { looked, resourceVersion, object } = seen.value;
    if (looked.state === 'refused') return refused(address, looked.why);
    const fields = looked.state === 'to-begin' ? looked.fields : {};
    const changed = await api.change(address, { fields, resourceVersion, dryRun: true });
    if (!changed.ok) return changed;
    if (changed.value === 'changed') {
      return succeeded(`may ${verb} ${whereOf(address)} (${kind.describe(object)})`);
    }
  }
  return busy(address);
}

async function see(
  api: Api,
  address: ConsumerAddress,
  need: Need,
): Promise<Result<{ readonly looked: Looked; readonly resourceVersion: string; readonly object: never }>> {
  const kind = KINDS[address.kind];
  const object = await api.get(address, kind.model);
  if (!object.ok) return object;
  const { resourceVersion, deletionTimestamp } = (object.value as Meta).metadata;
  if (deletionTimestamp !== undefined) return refused(address, 'it is being deleted');
  return succeeded({ looked: kind.look(object.value, need), resourceVersion, object: object.value });
}

function refused(address: ConsumerAddress, why: string): Result<never> {
  return failed('consumer-refused', `${whereOf(address)} cannot be refreshed as it is: ${why}`);
}

function busy(address: ConsumerAddress): Result<never> {
  const why = 'is changed by somebody else again and again while it is to be refreshed; it is tried again';
  return failed('consumer-unavailable', `${whereOf(address)} ${why}`);
}
