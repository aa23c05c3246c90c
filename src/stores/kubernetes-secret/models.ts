/** A Secret as the API server answers it, as far as this store looks at it. Anything else in it is left alone. */
import { z } from 'zod';

/** Names with an `f:` before each; what is below them does not matter here. */
const fields = z.record(z.string(), z.unknown()).optional();

const managedField = z.object({
  manager: z.string().default(''),
  operation: z.string().default(''),
  time: z.string().optional(),
  fieldsV1: z
    .object({
      'f:data': fields,
      'f:metadata': z.object({ 'f:annotations': fields, 'f:labels': fields }).optional(),
      'f:type': z.unknown().optional(),
    })
    .optional(),
});

export const secretModel = z.object({
  metadata: z.object({
    uid: z.string().min(1),
    resourceVersion: z.string().min(1),
    annotations: z.record(z.string(), z.string()).default({}),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
    managedFields: z.array(managedField).default([]),
  }),
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.base64()).default({}),
});

export type SecretObject = z.output<typeof secretModel>;

/** What a trial answers, of a Secret that it would make as well. */
export const trialModel = z.object({ kind: z.literal('Secret') });
