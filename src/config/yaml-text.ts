/** Writes a value as YAML that `parseYaml` reads back as the same value. */
import { dump } from 'js-yaml';

const WIDTH = 120;

export function yamlText(value: unknown): string {
  return dump(value, { lineWidth: WIDTH });
}
