/** `rekeyd schema`: the JSON Schema of the configuration, for editors. */
import { configJsonSchema } from '../config/json-schema.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';

export function schema(host: Host): Promise<number> {
  host.output.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return Promise.resolve(EXIT.ok);
}
