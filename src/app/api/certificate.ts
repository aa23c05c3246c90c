/** Reads the certificate of the API and its key, and tells whether they are of use together. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { TlsTexts } from '../../http/tcp.ts';
import { secretProblem, trustProblem } from '../../system/file-guard.ts';

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface ReadCertificate {
  readonly texts: TlsTexts;
  /** In one line, such as `CN=rekeyd.example.com`. */
  readonly subject: string;
  readonly expiresAt: number;
}

/** A message for a person where it is of no use. */
export type Certificate =
  | { readonly ok: true; readonly value: ReadCertificate }
  | { readonly ok: false; readonly message: string };

type Guard = typeof trustProblem;

export async function readCertificate(files: TlsFiles): Promise<Certificate> {
  try {
    const certificate = await textOf(files.certificate, trustProblem);
    const key = await textOf(files.key, secretProblem);
    return checked(files, { certificate, key });
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function textOf(path: string, problemOf: Guard): Promise<string> {
  await using file = await open(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read (${codeOf(error)})`, { cause: error });
  });
  const problem = problemOf(path, await file.stat());
  if (problem !== undefined) throw new Error(`${path}: ${problem}`);
  return await file.readFile('utf8');
}

function checked(files: TlsFiles, texts: TlsTexts): Certificate {
  const found = orMessage(
    `${files.certificate} is no PEM certificate`,
    () => new X509Certificate(texts.certificate),
  );
  const key = orMessage(`${files.key} is no PEM private key without a passphrase`, () =>
    createPrivateKey(texts.key),
  );
  if (!found.checkPrivateKey(key)) {
    return {
      ok: false,
      message: `the key in ${files.key} does not belong to the certificate in ${files.certificate}`,
    };
  }
  const subject = found.subject.replaceAll('\n', ', ');
  return { ok: true, value: { texts, subject, expiresAt: Date.parse(found.validTo) } };
}

function orMessage<T>(message: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${message} (${codeOf(error)})`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
