/** What may stand in a header: looked at before it gets there, because an error about it could quote it. */
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Doing } from './doing.ts';

/** What can stand in an `Authorization` header: visible ASCII, so never a line break. */
export const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** The credential with which a call is made, where it can stand in a header. */
export function sendable(credential: Secret, doing: Doing): Result<Secret> {
  if (HEADER_TEXT.test(credential.reveal())) return succeeded(credential);
  const whose =
    doing.caller === 'manager' ? `the credential in ${doing.source}` : 'the credential of the account';
  return failed(
    'credential-refused',
    `${doing.where} was not asked to ${doing.what}: ${whose} is empty or has spaces or line breaks in it. Correct it.`,
  );
}
