// The files of this repository that are made from its source. It makes their text and writes nothing.

import { configJsonSchema } from '../src/config/json-schema.ts';
import { eventsMarkdown, metricsMarkdown } from '../src/telemetry/catalogue.ts';

export interface GeneratedFile {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

/** Every generated file, as it should be now. */
export function generatedFiles(): GeneratedFile[] {
  return [
    { path: 'config/rekeyd.schema.json', text: `${JSON.stringify(configJsonSchema(), undefined, 2)}\n` },
    { path: 'docs/events.md', text: eventsMarkdown() },
    { path: 'docs/metrics.md', text: metricsMarkdown() },
  ];
}
