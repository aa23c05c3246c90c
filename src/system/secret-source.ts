/** Reads referenced secrets from files and environment variables. Keeps them in memory only. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { failed, succeeded, type Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A larger file is something else than a secret. */
const BYTES_MAX = 64 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; create it, or correct the path',
  ENOTDIR: 'part of its path is not a folder; correct the path',
  EISDIR: 'it is a folder; name a file in it',
  EACCES: 'it may not be read by this user; change its owner or mode',
  EPERM: 'it may not be read by this user; change its owner or mode',
  ELOOP: 'its symbolic links go round in a circle; correct them',
};

export function secretSource(reference: SecretReference, environment: Environment): SecretSource {
  return 'file' in reference ? fromFile(reference.file) : fromEnvironment(reference.env, environment);
}

/** Opened at every read, so that a swapped link is followed; its contents are read again only when they changed. */
function fromFile(path: string): SecretSource {
  const description = `file ${path}`;
  let known: { readonly signature: string; readonly secret: Secret } | undefined;
  return {
    description,
    async read() {
      try {
        await using file = await open(path, 'r');
        const status = await file.stat({ bigint: true });
        const signature = signatureOf(status);
        if (known?.signature === signature) return succeeded(known.secret);
        const secret = status.isFile() ? await contentsOf(file, status, description) : refused(description, 'it is not a regular file');
        known = secret.ok ? { signature, secret: secret.value } : undefined;
        return secret;
      } catch (error) {
        known = undefined;
        return refused(description, reasonOf(error));
      }
    },
  };
}

function fromEnvironment(name: string, environment: Environment): SecretSource {
  const description = `environment variable ${name}`;
  let known: Secret | undefined;
  return {
    description,
    async read() {
      const value = environment[name];
      if (value === undefined) return refused(description, 'it is not set; set it, or correct the name');
      const secret = secretOf(value, description);
      if (!secret.ok) return secret;
      // One object for one value: each `Secret` is remembered by the logger until it is collected.
      if (known?.reveal() !== secret.value.reveal()) known = secret.value;
      return succeeded(known);
    },
  };
}
