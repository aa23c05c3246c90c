/** Whether a Deployment was restarted for a need, and how far it is, as `kubectl rollout status` judges it. Pure. */
import type { z } from 'zod';
import { quotedWords } from '../../domain/credential-shapes.ts';
import type { Progress } from '../../ports/consumer.ts';
import { instantOf, throughAt } from './look.ts';
import type { Kind, Need } from './look.ts';
import { deployment as model } from './models.ts';
import { isBegun, isIdle, toRestart, UNSEEN } from './restarting.ts';

type Deployment = z.output<typeof model>;

const PAUSED = 'it is paused, and does not replace its pods: resume it (kubectl rollout resume)';

export const deployment: Kind<Deployment> = {
  model,
  look(object, need) {
    if (isIdle(object)) return throughAt(undefined, need);
    if (isBegun(object, need)) return progressOf(object, need);
    return object.spec.paused ? { state: 'refused', why: PAUSED } : toRestart(need);
  },
  describe: ({ spec }) => (spec.replicas === 0 ? 'no pods now' : `${spec.replicas} replicas`),
};

function progressOf({ metadata, spec, status }: Deployment, need: Need): Progress {
  const { replicas, updatedReplicas: updated, availableReplicas: available } = status;
  if (status.observedGeneration < metadata.generation) return UNSEEN;
  const progressing = status.conditions.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    const said = quotedWords(progressing.message);
    const why = `its new pods do not become available (ProgressDeadlineExceeded: ${said})`;
    return { state: 'unhealthy', why: `${why}; see kubectl rollout status and the events of its pods` };
  }
  const waiting = waitingFor(spec.replicas, { replicas, updated, available });
  if (waiting !== undefined) {
    return spec.paused
      ? { state: 'unhealthy', why: `${waiting}; ${PAUSED}` }
      : { state: 'under-way', why: waiting };
  }
  const shown = progressing?.reason === 'NewReplicaSetAvailable' ? progressing.lastUpdateTime : undefined;
  return throughAt(instantOf(shown), need);
}

function waitingFor(
  wanted: number,
  now: { readonly replicas: number; readonly updated: number; readonly available: number },
): string | undefined {
  if (now.updated < wanted) return `${now.updated} of ${wanted} pods are updated`;
  const old = now.replicas - now.updated;
  if (old > 0) return `${old} old ${old === 1 ? 'pod has' : 'pods have'} not ended yet`;
  return now.available < now.updated
    ? `${now.available} of ${now.updated} updated pods are available`
    : undefined;
}
