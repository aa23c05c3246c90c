/** For each format a target in it, and how a consumer reads the token out of it: without any code of the daemon's. */
import { FORMATS } from '../../src/formats/registry.ts';

export interface Shape {
  readonly kind: string;
  /** In the configuration's words. */
  readonly format: object;
  /** What the target holds before the daemon comes. */
  readonly before?: string;
  /** The token in this text; nothing where it is not there, or where what was there beside it is gone. */
  tokenIn(text: string): string | undefined;
}

const SHAPES: readonly Shape[] = [
  { kind: 'raw', format: { kind: 'raw' }, tokenIn: (text) => text },
  { kind: 'json', format: { kind: 'json' }, tokenIn: (text) => stringIn(text, 'token') },
  {
    kind: 'dotenv',
    format: { kind: 'dotenv', variable: 'KRONUP_TOKEN' },
    before: 'OTHER=kept\n',
    tokenIn(text) {
      if (!text.includes('OTHER=kept\n')) return undefined;
      return /^KRONUP_TOKEN=["']?([^"'\n]*)/m.exec(text)?.[1];
    },
  },
  {
    kind: 'key',
    format: { kind: 'key', key: 'kronupToken' },
    before: '{"other":"kept"}',
    tokenIn: (text) => (stringIn(text, 'other') === 'kept' ? stringIn(text, 'kronupToken') : undefined),
  },
  {
    kind: 'template',
    format: { kind: 'template', text: '# {{account}}\ntoken = "{{token|json}}"\n' },
    tokenIn: (text) => /^# \S+\ntoken = "([^"]*)"\n$/.exec(text)?.[1],
  },
];

/** A shape for each format that there is. Throws for one that nobody has described here. */
export function shapes(): readonly Shape[] {
  return FORMATS.map(({ kind }) => {
    const shape = SHAPES.find((each) => each.kind === kind);
    if (shape === undefined) throw new Error(`describe the format ${kind} in test/kill/shapes.ts`);
    return shape;
  });
}

function stringIn(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
