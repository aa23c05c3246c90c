/** How a workload is restarted: as `kubectl rollout restart` does it, by an annotation of its pods that changes. Pure. */
import type { Progress } from '../../ports/consumer.ts';
import type { Looked, Need } from './look.ts';
import { AHEAD_MS_MAX, instantOf } from './look.ts';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

export const UNSEEN: Progress = {
  state: 'under-way',
  why: 'its controller has not seen the restart yet',
};

export const ON_DELETE =
  'its update strategy is OnDelete, so that somebody has to delete each pod that is to read anew';

interface Workload {
  readonly spec: {
    readonly template: {
      readonly metadata?:
        | { readonly annotations?: Readonly<Record<string, string>> | null | undefined }
        | null
        | undefined;
    };
  };
}

interface Scaled {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly observedGeneration: number };
}

/** Nothing runs: whatever is started reads what is there then. */
export function isIdle({ metadata, spec, status }: Scaled): boolean {
  return spec.replicas === 0 && status.replicas === 0 && status.observedGeneration >= metadata.generation;
}

/**
 * Whether it was restarted at the instant of the need or later, by whomever. One that is dated far ahead of now says nothing: it would
 * stand for all restarts until then.
 */
export function isBegun({ spec }: Workload, { neededAt, now }: Need): boolean {
  const at = instantOf(spec.template.metadata?.annotations?.[RESTARTED_AT]);
  return at !== undefined && at >= neededAt && at <= now + AHEAD_MS_MAX;
}

export function toRestart({ neededAt }: Need): Looked {
  const annotations = { [RESTARTED_AT]: new Date(neededAt).toISOString() };
  return {
    state: 'to-begin',
    fields: { spec: { template: { metadata: { annotations } } } },
    why: 'its restart was asked for just now',
  };
}
