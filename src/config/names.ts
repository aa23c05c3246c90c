/** The forms of names in a configuration. */
import { z } from 'zod';

const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const CONNECTION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const LABEL_KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const LABEL_LENGTH_MAX = 128;

export const accountName = z
  .string()
  .regex(ACCOUNT_NAME, 'letters, digits, ".", "_" and "-", beginning with a letter or digit, 128 at most')
  .meta({ description: 'A label for people. It may change: the record stays with the account id.' });

export const connectionName = z
  .string()
  .regex(CONNECTION_NAME, 'letters, digits, ".", "_" and "-", beginning with a letter or digit, 63 at most');

export const labels = z
  .record(
    z.string().regex(LABEL_KEY, 'letters, digits, ".", "_", "/" and "-", beginning with a letter or digit'),
    z.string().max(LABEL_LENGTH_MAX),
  )
  .meta({ description: 'Words to find accounts by, such as team: payments.' });
