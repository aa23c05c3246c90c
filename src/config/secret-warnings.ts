/** Warns of referenced secrets that every user of the machine can read. It looks at their files' modes, and never into them. */
import { statSync } from 'node:fs';
import { secretReference } from '../ports/settings.ts';
import { secretWarning } from '../system/file-guard.ts';
import type { Findings } from './findings.ts';
import type { MainFile } from './main-file.ts';
import type { Path } from './problem.ts';

export function warnOfSecrets(main: MainFile, findings: Findings): void {
  const key = main.settings?.api?.tls?.key;
  const warning = key === undefined ? undefined : warningOf(key);
  if (warning !== undefined) {
    const message = `the private key in ${key}: ${warning}`;
    findings.warning('secret', main.problemOf({ path: ['api', 'tls', 'key'], at: 'value', message }));
  }
  for (const key of ['providers', 'stores', 'consumers'] as const) {
    for (const { name, connection } of main[key].values()) {
      for (const { file, path } of secretFiles(connection?.config, [key, name])) {
        const warning = warningOf(file);
        if (warning === undefined) continue;
        const message = `the secret in ${file}: ${warning}`;
        findings.warning('secret', main.problemOf({ path: [...path, 'file'], at: 'value', message }));
      }
    }
  }
}

/** References are known by their form, which nothing else in a connection has. */
function* secretFiles(
  value: unknown,
  path: Path,
): Generator<{ readonly file: string; readonly path: Path }, void> {
  if (typeof value !== 'object' || value === null) return;
  const reference = secretReference.safeParse(value).data;
  if (reference !== undefined && 'file' in reference) yield { file: reference.file, path };
  for (const [key, inner] of Object.entries(value)) yield* secretFiles(inner, [...path, key]);
}

/** One that is not there, or cannot be looked at, is a matter for whoever reads it. */
function warningOf(file: string): string | undefined {
  try {
    return secretWarning(file, statSync(file));
  } catch {
    return undefined;
  }
}
