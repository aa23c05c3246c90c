/** Asks a program that a kubeconfig names for a credential, as kubectl does it (`client.authentication.k8s.io`). */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { z } from 'zod';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';

/** A credential is asked for anew this long before it expires. */
const RENEW_BEFORE_MS = 60_000;
const BYTES_MAX = 1_048_576;

export const execSchema = z.object({
  apiVersion: z.enum(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

const answerSchema = z.object({
  status: z.object({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().min(1).optional(),
    clientKeyData: z.string().min(1).optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
  }),
});

export interface ExecCredential {
  readonly token?: Secret;
  readonly cert?: string;
  readonly key?: Secret;
  /** Ms since the epoch. Absent: good until it is refused. */
  readonly renewAt?: number;
}

export interface ExecCommand {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A command with a slash in it that is relative begins at the kubeconfig's folder. */
export function execCommand(
  { apiVersion, command, args, env }: z.output<typeof execSchema>,
  folder: string,
): ExecCommand {
  return {
    apiVersion,
    command: command.includes('/') ? resolve(folder, command) : command,
    args: args ?? [],
    env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
  };
}

/** What it says on standard error is not repeated: it may hold anything. */
export async function execCredential(
  { apiVersion, command, args, env }: ExecCommand,
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
  },
): Promise<Result<ExecCredential>> {
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const output = await new Promise<string | { readonly code: string }>((done) => {
    const how = {
      env: { ...options.environment, ...env, KUBERNETES_EXEC_INFO: info },
      signal: options.signal,
      maxBuffer: BYTES_MAX,
    };
    execFile(command, [...args], how, (error, stdout) => {
      done(error === null ? stdout : { code: String(error.code ?? error.name) });
    });
  });
  if (typeof output !== 'string') return refused(command, `it ended with ${output.code}`);
  return credentialIn(command, output);
}

function credentialIn(command: string, output: string): Result<ExecCredential> {
  const parsed = answerSchema.safeParse(jsonIn(output));
  if (!parsed.success) return refused(command, 'what it printed is no ExecCredential');
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = parsed.data.status;
  if (token === undefined && (cert === undefined || key === undefined)) {
    return refused(command, 'it gave neither a token nor a certificate with its key');
  }
  return succeeded({
    ...(token !== undefined && { token: new Secret(token) }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: new Secret(key) }),
    ...(expirationTimestamp !== undefined && { renewAt: Date.parse(expirationTimestamp) - RENEW_BEFORE_MS }),
  });
}

function jsonIn(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

function refused(command: string, why: string): Result<never> {
  return failed(
    'credential-refused',
    `the program ${command} of the kubeconfig gave no credential: ${why}; run it by hand as the user that rekeyd runs as`,
  );
}
