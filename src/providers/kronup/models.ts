/**
 * The bodies that Kronup answers with, and what is relied upon in them. The specification marks no field as required, so what
 * the daemon rests on (ids, tokens, `closedTime`) is checked strictly, and everything else is dropped where it does not fit.
 */
import { z } from 'zod';
import { Secret } from '../../domain/secret.ts';
import { loose } from '../http/body.ts';
import { HEADER_TEXT } from '../http/header-text.ts';

const ID_LENGTH_MAX = 255;

const id = z.string().min(1).max(ID_LENGTH_MAX);

/** 0 means open. Whether the others are seconds or ms is not documented, so only that they are not 0 is used. */
const closedTime = z.number().min(0).default(0);

/** A token, or nothing: closed accounts may have an empty one. */
const serviceToken = z
  .string()
  .refine((text) => text === '' || HEADER_TEXT.test(text), { error: 'expected a token without spaces' })
  .nullish()
  .transform((text) => (text === undefined || text === null || text === '' ? undefined : new Secret(text)));

const common = {
  id,
  closedTime,
  provider: loose(z.string()),
  userName: loose(z.string()),
  userEmail: loose(z.string()),
  userAvatarId: loose(z.string()),
  userColor: loose(z.string()),
  serviceAccount: loose(z.boolean()),
  puppetAccount: loose(z.boolean()),
  roleSite: loose(z.string()),
  createdAt: loose(z.string()),
  updatedAt: loose(z.string()),
  /** Approximate calls by date, `YYYY-MM-DD`. */
  apiCalls: loose(z.record(z.string(), z.number().min(0))),
};

const teamFields = { teamId: loose(z.string()), channelIds: loose(z.array(z.string())) };

/** One service account, as create, list, read, update, regenerate and close answer it. */
export const serviceAccountModel = z.object({
  ...common,
  serviceToken,
  roleOrg: loose(z.string()),
  teams: loose(z.array(z.object(teamFields))),
});

export type ServiceAccount = z.output<typeof serviceAccountModel>;

/** The answer to regenerate: without a token it is of no use, and what it did is unknown. */
export const regeneratedModel = serviceAccountModel.transform((account, context) => {
  const { serviceToken: token } = account;
  if (token !== undefined) return { ...account, serviceToken: token };
  context.addIssue({ code: 'custom', path: ['serviceToken'], message: 'expected the new token' });
  return z.NEVER;
});

export type RegeneratedAccount = z.output<typeof regeneratedModel>;

const organisationModel = z.object({
  id: loose(z.string()),
  orgName: loose(z.string()),
  orgIconId: loose(z.string()),
  orgOwners: loose(z.array(z.string())),
  orgUsersMax: loose(z.number()),
  orgUsersCount: loose(z.number()),
  createdAt: loose(z.string()),
  updatedAt: loose(z.string()),
});

/** The account that made the call. It carries no token. */
export const accountModel = z.object({
  ...common,
  roleOrg: loose(z.array(z.object({ orgId: loose(z.string()), role: loose(z.string()) }))),
  teams: loose(z.array(z.object({ orgId: loose(z.string()), ...teamFields }))),
  orgs: loose(z.array(organisationModel)),
  orgsTeams: loose(z.array(z.object({ orgId: loose(z.string()), teamIds: loose(z.array(z.string())) }))),
});

export type OwnAccount = z.output<typeof accountModel>;

/** One page, its accounts not looked at yet: those that nobody asked for never are. */
export const pageModel = z.object({
  total: z.int().min(0).optional(),
  pageSize: loose(z.int().min(1)),
  serviceAccounts: z.array(z.object({ id }).loose()),
});

/** The answer to `DELETE /account`. */
export const okModel = z.boolean();

/** The body of every 4xx. */
export const errorModel = z.object({ id: z.string().min(1), message: z.string() });
