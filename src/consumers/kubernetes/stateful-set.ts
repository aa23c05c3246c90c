/** Whether a StatefulSet was restarted for a need, and how far it is, as `kubectl rollout status` judges it. Pure. */
import type { z } from 'zod';
import type { Progress } from '../../ports/consumer.ts';
import { throughAt } from './look.ts';
import type { Kind, Need } from './look.ts';
import { statefulSet as model } from './models.ts';
import { isBegun, isIdle, ON_DELETE, toRestart, UNSEEN } from './restarting.ts';

type StatefulSet = z.output<typeof model>;

export const statefulSet: Kind<StatefulSet> = {
  model,
  look(object, need) {
    if (isIdle(object)) return throughAt(undefined, need);
    return isBegun(object, need) ? progressOf(object, need) : toRestart(need);
  },
  describe(object) {
    const { replicas } = object.spec;
    const pods = replicas === 0 ? 'no pods now' : `${replicas} replicas`;
    const limit = limitOf(object);
    return limit === undefined ? pods : `${pods}; ${limit}`;
  },
};

/** Pods that a restart does not reach are not through, though kubectl calls such a rollout complete. */
function progressOf(object: StatefulSet, need: Need): Progress {
  const { metadata, spec, status } = object;
  if (status.observedGeneration < metadata.generation) return UNSEEN;
  const isComplete = status.updateRevision === status.currentRevision && limitOf(object) === undefined;
  // Where all are updated a controller may still say otherwise of its revisions, as it does with OnDelete.
  if (!isComplete && status.updatedReplicas < spec.replicas) {
    const limit = limitOf(object);
    const count = `${status.updatedReplicas} of ${spec.replicas} pods are updated`;
    return { state: 'under-way', why: limit === undefined ? count : `${count}; ${limit}` };
  }
  if (status.readyReplicas < spec.replicas) {
    return { state: 'under-way', why: `${status.readyReplicas} of ${spec.replicas} pods are ready` };
  }
  return throughAt(undefined, need);
}

/** Why a restart does not reach all pods by itself. */
function limitOf({ spec }: StatefulSet): string | undefined {
  const { type, rollingUpdate } = spec.updateStrategy;
  if (type === 'OnDelete') return ON_DELETE;
  const kept = Math.min(rollingUpdate?.partition ?? 0, spec.replicas);
  if (kept === 0) return undefined;
  return `its partition keeps the first ${kept} pods as they are: lower it (spec.updateStrategy.rollingUpdate.partition)`;
}
