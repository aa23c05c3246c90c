/**
 * The bodies that Keycard answers with, as the client shows them: in camel case. What the daemon rests on (ids, client ids,
 * secrets, instants) is checked strictly, and everything else is dropped where it does not fit.
 */
import { z } from 'zod';
import { Secret } from '../../domain/secret.ts';
import { loose } from '../http/body.ts';
import { HEADER_TEXT } from '../http/header-text.ts';

const ID_LENGTH_MAX = 255;

const id = z.string().min(1).max(ID_LENGTH_MAX);

/** RFC 3339 in UTC, such as `2019-12-27T18:11:19.117Z`. */
const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'expected an instant' });

/** What the caller may do, by kind of resource; there only where it was asked for. */
const permissions = loose(z.record(z.string(), z.record(z.string(), z.boolean())));

const description = loose(z.string());

const secret = z
  .string()
  .min(1)
  .refine((text) => HEADER_TEXT.test(text), { error: 'expected a secret without spaces' })
  .transform((text) => new Secret(text));

export const serviceAccountModel = z
  .object({
    id,
    name: z.string(),
    description,
    created_at: loose(z.string()),
    updated_at: loose(z.string()),
    permissions,
  })
  .transform(({ created_at: createdAt, updated_at: updatedAt, ...rest }) => ({
    ...rest,
    createdAt,
    updatedAt,
  }));

export type ServiceAccount = z.output<typeof serviceAccountModel>;

/** Absent: never used. What cannot be read must not look like that. */
const lastUsedAt = instant.nullish().transform((text) => text ?? undefined);

const credentialFields = {
  id,
  name: z.string(),
  description,
  client_id: id,
  created_at: instant,
};

/** A credential as it is shown ever after its making: without its secret. */
export const credentialModel = z
  .object({ ...credentialFields, last_used_at: lastUsedAt, permissions })
  .transform(({ client_id: clientId, created_at: createdAt, last_used_at: usedAt, ...rest }) => ({
    ...rest,
    clientId,
    createdAt,
    lastUsedAt: usedAt,
  }));

export type AccountCredential = z.output<typeof credentialModel>;

/** The answer to its making: the only one that ever has the secret. */
export const createdCredentialModel = z
  .object({ ...credentialFields, client_secret: secret })
  .transform(({ client_id: clientId, client_secret: clientSecret, created_at: createdAt, ...rest }) => ({
    ...rest,
    clientId,
    clientSecret,
    createdAt,
  }));

export type CreatedCredential = z.output<typeof createdCredentialModel>;

export const organisationModel = z
  .object({
    id,
    name: loose(z.string()),
    label: loose(z.string()),
    created_at: loose(z.string()),
    updated_at: loose(z.string()),
    permissions,
  })
  .transform(({ created_at: createdAt, updated_at: updatedAt, ...rest }) => ({
    ...rest,
    createdAt,
    updatedAt,
  }));

export type Organisation = z.output<typeof organisationModel>;

const pageInfo = z.object({
  has_next_page: z.boolean(),
  end_cursor: z.string().nullish(),
  start_cursor: z.string().nullish(),
  // Names differ between the lists of this API.
  has_prev_page: loose(z.boolean()),
  has_previous_page: loose(z.boolean()),
});

/** Some of a list, in the service's order, with where to go on. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  /** Given as `after`, the items that follow; as `before`, those before. */
  readonly endCursor?: string;
  readonly startCursor?: string;
}

/** A page of such items. */
export function pageOf<Item>(item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z.object({ items: z.array(item), page_info: pageInfo }).transform(({ items, page_info: info }) => ({
    items,
    hasNext: info.has_next_page,
    hasPrevious: info.has_prev_page ?? info.has_previous_page ?? false,
    ...(isCursor(info.end_cursor) && { endCursor: info.end_cursor }),
    ...(isCursor(info.start_cursor) && { startCursor: info.start_cursor }),
  }));
}

function isCursor(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text !== '';
}

/** A short-lived token for a credential. */
export const tokenModel = z
  .object({
    access_token: secret,
    token_type: z.string().refine((text) => text.toLowerCase() === 'bearer', { error: 'expected Bearer' }),
    expires_in: loose(z.coerce.number().positive()),
  })
  .transform(({ access_token: accessToken, expires_in: expiresInSeconds }) => ({
    accessToken,
    expiresInSeconds,
  }));

/** `expiresInSeconds` is absent where the service does not say it. */
export type TokenAnswer = z.output<typeof tokenModel>;

/** Of answers without a body. */
export const nothingModel: z.ZodType<void> = z.unknown().transform(() => undefined);
