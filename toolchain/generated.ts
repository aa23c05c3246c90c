// The files of this repository that are made from its source, or in part. It makes their text and writes nothing.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { eventsMarkdown, metricsMarkdown } from '../src/telemetry/catalogue.ts';
import { withCliReference } from './cli-reference.ts';

export interface GeneratedFile {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

const CLI_PAGE = 'docs/cli.md';

/** Every generated file, as it should be now. */
export function generatedFiles(): GeneratedFile[] {
  const cliPage = readFileSync(join(import.meta.dirname, '..', CLI_PAGE), 'utf8');
  return [
    { path: 'config/rekeyd.schema.json', text: `${JSON.stringify(configJsonSchema(), undefined, 2)}\n` },
    { path: CLI_PAGE, text: withCliReference(cliPage) },
    { path: 'docs/events.md', text: eventsMarkdown() },
    { path: 'docs/metrics.md', text: metricsMarkdown() },
  ];
}
