/** What is looked at of the objects that the API server answers. Anything else in them is left alone. */
import { z } from 'zod';

const count = z.int().min(0);
const counted = count.default(0);

const meta = z.object({
  resourceVersion: z.string().min(1),
  generation: z.int().default(0),
  annotations: z.record(z.string(), z.string()).default({}),
  deletionTimestamp: z.string().optional(),
});

/** What the API server answers of every object. */
export interface Meta {
  readonly metadata: z.output<typeof meta>;
}

const template = z
  .object({
    metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
  })
  .default({});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
});

const conditions = z.array(condition).default([]);

export const deployment = z.object({
  metadata: meta,
  spec: z.object({ replicas: count.default(1), paused: z.boolean().default(false), template }),
  status: z
    .object({
      observedGeneration: counted,
      replicas: counted,
      updatedReplicas: counted,
      availableReplicas: counted,
      conditions,
    })
    .prefault({}),
});

export const statefulSet = z.object({
  metadata: meta,
  spec: z.object({
    replicas: count.default(1),
    template,
    updateStrategy: z
      .object({
        type: z.string().default('RollingUpdate'),
        rollingUpdate: z.object({ partition: counted }).nullish(),
      })
      .prefault({}),
  }),
  status: z
    .object({
      observedGeneration: counted,
      replicas: counted,
      readyReplicas: counted,
      updatedReplicas: counted,
      currentRevision: z.string().default(''),
      updateRevision: z.string().default(''),
    })
    .prefault({}),
});

export const daemonSet = z.object({
  metadata: meta,
  spec: z.object({
    template,
    updateStrategy: z.object({ type: z.string().default('RollingUpdate') }).prefault({}),
  }),
  status: z
    .object({
      observedGeneration: counted,
      desiredNumberScheduled: counted,
      updatedNumberScheduled: counted,
      numberAvailable: counted,
    })
    .prefault({}),
});

export const rollout = z.object({
  metadata: meta,
  spec: z.object({
    replicas: count.nullish(),
    restartAt: z.string().nullish(),
  }),
  status: z
    .object({
      // A text, of which only a number means a generation.
      observedGeneration: z.string().default(''),
      phase: z.string().default(''),
      message: z.string().optional(),
      restartedAt: z.string().nullish(),
      replicas: counted,
      availableReplicas: counted,
    })
    .prefault({}),
});

const managedField = z.object({
  manager: z.string().default(''),
  time: z.string().optional(),
  subresource: z.string().optional(),
});

export const externalSecret = z.object({
  metadata: meta.extend({ managedFields: z.array(managedField).default([]) }),
  spec: z
    .object({ refreshPolicy: z.string().optional(), refreshInterval: z.string().optional() })
    .prefault({}),
  status: z.object({ refreshTime: z.string().nullish(), conditions }).prefault({}),
});
