/**
 * Whether a Rollout of Argo was restarted for a need, and how far it is. Argo restarts by `spec.restartAt`: it replaces every pod that was
 * made before that instant, and then says so in `status.restartedAt`. Pure.
 */
import type { z } from 'zod';
import { quotedWords } from '../../domain/credential-shapes.ts';
import type { Progress } from '../../ports/consumer.ts';
import { instantOf, secondsText, throughAt, wholeSecondAfter } from './look.ts';
import type { Kind, Looked, Need } from './look.ts';
import { rollout as model } from './models.ts';
import { UNSEEN } from './restarting.ts';

type Rollout = z.output<typeof model>;

export const rollout: Kind<Rollout> = {
  model,
  look(object, need) {
    if (isIdle(object)) return throughAt(undefined, need);
    const restartAt = instantOf(object.spec.restartAt ?? undefined);
    if (restartAt === undefined || restartAt < need.neededAt) return toRestart(need);
    return progressOf(object, restartAt, need);
  },
  describe: (object) => (wantedOf(object) === 0 ? 'no pods now' : `${wantedOf(object)} replicas`),
};

function isIdle(object: Rollout): boolean {
  return wantedOf(object) === 0 && object.status.replicas === 0 && isObserved(object);
}

/** Argo keeps whole seconds, and leaves pods alone that were made in the second itself: so it is one that has not begun before the need. */
function toRestart({ neededAt }: Need): Looked {
  return {
    state: 'to-begin',
    fields: { spec: { restartAt: secondsText(wholeSecondAfter(neededAt)) } },
    why: 'its restart was asked for just now',
  };
}

function progressOf(object: Rollout, restartAt: number, need: Need): Progress {
  const { phase, message, availableReplicas: available, restartedAt } = object.status;
  const wanted = wantedOf(object);
  if (!isObserved(object)) return UNSEEN;
  const said = quotedWords(message);
  const isRestarted = (instantOf(restartedAt ?? undefined) ?? 0) >= restartAt;
  const isWhole = isRestarted && available >= wanted;
  // An update that somebody paused or aborted in the middle stays as it is: its pods are new all the same.
  if (isWhole && (phase === 'Healthy' || phase === 'Paused' || phase === 'Degraded')) {
    return throughAt(undefined, need);
  }
  if (phase === 'Degraded') {
    const why = `it is Degraded (${said}); see kubectl argo rollouts status and the events of its pods`;
    return { state: 'unhealthy', why };
  }
  if (restartAt > need.now) {
    return { state: 'under-way', why: `it is to be restarted at ${secondsText(restartAt)}` };
  }
  const done = isRestarted ? `${available} of ${wanted} pods are available` : 'not all pods are replaced';
  const more = said === '' ? '' : `: ${said}`;
  return { state: 'under-way', why: `${done}; it is ${phase || 'without a phase'}${more}` };
}

function wantedOf({ spec }: Rollout): number {
  return spec.replicas ?? 1;
}

/** As Argo's own `kubectl argo rollouts status` sees it: what is no number was written by a version that did not count. */
function isObserved({ metadata, status }: Rollout): boolean {
  const observed = /^\d+$/.test(status.observedGeneration) ? Number(status.observedGeneration) : undefined;
  return observed === undefined ? status.observedGeneration !== '' : observed >= metadata.generation;
}
