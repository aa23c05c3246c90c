/** The words by which formats let a target say which details go where, beside the fields of the credential. */
import { z } from 'zod';
import { DETAIL_NAMES } from '../domain/details.ts';
import type { DetailName } from '../domain/details.ts';

const DETAIL_WORDS: Readonly<Record<DetailName, string>> = {
  tokenEndpoint: 'where a client id and secret are exchanged for a token, a URL',
  expiresAt: 'when the credential expires, such as 2027-01-31T04:00:00Z',
  issuedAt: 'when the credential was issued, such as 2027-01-01T04:00:00Z',
  account: 'the name of the account in this configuration',
  accountId: 'the account’s id at the provider',
  organisation: 'the organisation at the provider, as it is configured',
  origin: 'scheme, host and port of the provider',
};

/** Where each detail goes. */
export type DetailPlaces<Where> = Readonly<Partial<Record<DetailName, Where | undefined>>>;

type DetailsSchema<Where extends z.ZodType> = z.ZodObject<
  Record<DetailName, z.ZodOptional<Where>>,
  z.core.$strict
>;

/** A mapping from the names of details to places; each may be left out. */
export function detailsSchema<Where extends z.ZodType>(
  where: Where,
  placeWord: string,
): DetailsSchema<Where> {
  const shape = Object.fromEntries(
    DETAIL_NAMES.map((name) => [
      name,
      where.optional().meta({ description: `The ${placeWord} of: ${DETAIL_WORDS[name]}.` }),
    ]),
  ) as Record<DetailName, z.ZodOptional<Where>>;
  return z.strictObject(shape).meta({
    description: `What is written beside the credential, each under a ${placeWord} of its own. Not known: an empty text.`,
  });
}

/** The details that have a place. */
export function namesIn(places: DetailPlaces<unknown> | undefined): DetailName[] {
  return DETAIL_NAMES.filter((name) => places?.[name] !== undefined);
}

/** The keys or variables of all details. */
export function placesIn(places: DetailPlaces<string> | undefined): string[] {
  return DETAIL_NAMES.flatMap((name) => places?.[name] ?? []);
}
