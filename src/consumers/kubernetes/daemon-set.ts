/** Whether a DaemonSet was restarted for a need, and how far it is, as `kubectl rollout status` judges it. Pure. */
import type { z } from 'zod';
import type { Progress } from '../../ports/consumer.ts';
import { throughAt } from './look.ts';
import type { Kind, Need } from './look.ts';
import { daemonSet as model } from './models.ts';
import { isBegun, ON_DELETE, toRestart, UNSEEN } from './restarting.ts';

type DaemonSet = z.output<typeof model>;

export const daemonSet: Kind<DaemonSet> = {
  model,
  // Also where it fits on no node: how many it fits on is counted now and then, and pods may have begun meanwhile.
  look: (object, need) => (isBegun(object, need) ? progressOf(object, need) : toRestart(need)),
  describe({ spec, status }) {
    const pods = `${status.desiredNumberScheduled} pods`;
    return spec.updateStrategy.type === 'OnDelete' ? `${pods}; ${ON_DELETE}` : pods;
  },
};

function progressOf({ metadata, spec, status }: DaemonSet, need: Need): Progress {
  const { desiredNumberScheduled: wanted, updatedNumberScheduled: updated, numberAvailable } = status;
  if (status.observedGeneration < metadata.generation) return UNSEEN;
  if (updated < wanted) {
    const count = `${updated} of ${wanted} pods are updated`;
    return {
      state: 'under-way',
      why: spec.updateStrategy.type === 'OnDelete' ? `${count}; ${ON_DELETE}` : count,
    };
  }
  if (numberAvailable < wanted) {
    return { state: 'under-way', why: `${numberAvailable} of ${wanted} updated pods are available` };
  }
  return throughAt(undefined, need);
}
