/** For each format a target in it, and how a consumer reads the credential out of it: without any code of the daemon's. */
import { FORMATS } from '../../src/formats/registry.ts';

export interface Shape {
  readonly kind: string;
  /** In the configuration's words. */
  readonly format: object;
  /** What the target holds before the daemon comes. */
  readonly before?: string;
  /** The token, or the client secret, in this text; nothing where it is not there, or where what was there beside it is gone. */
  tokenIn(text: string): string | undefined;
  /** How it holds this token. */
  holding?(token: string): string;
}

const SHAPES: readonly Shape[] = [
  { kind: 'raw', format: { kind: 'raw' }, tokenIn: (text) => text, holding: (token) => token },
  {
    kind: 'json',
    format: { kind: 'json' },
    tokenIn: (text) => stringIn(text, 'token'),
    holding: (token) => JSON.stringify({ token }),
  },
  {
    kind: 'dotenv',
    format: { kind: 'dotenv', variable: 'KRONUP_TOKEN' },
    before: 'OTHER=kept\n',
    tokenIn(text) {
      if (!text.includes('OTHER=kept\n')) return undefined;
      return /^KRONUP_TOKEN=["']?([^"'\n]*)/m.exec(text)?.[1];
    },
    holding: (token) => `OTHER=kept\nKRONUP_TOKEN=${token}\n`,
  },
  {
    kind: 'key',
    format: { kind: 'key', key: 'kronupToken' },
    before: '{"other":"kept"}',
    tokenIn: (text) => (stringIn(text, 'other') === 'kept' ? stringIn(text, 'kronupToken') : undefined),
    holding: (token) => JSON.stringify({ other: 'kept', kronupToken: token }),
  },
  {
    kind: 'template',
    format: { kind: 'template', text: '# {{account}}\ntoken = "{{token|json}}"\n' },
    tokenIn: (text) => /^# \S+\ntoken = "([^"]*)"\n$/.exec(text)?.[1],
  },
];

/** For what is a client id with a secret: both are one value, and the secret tells which it is. */
const CLIENT_SHAPES: readonly Shape[] = [
  { kind: 'json', format: { kind: 'json' }, tokenIn: (text) => stringIn(text, 'client_secret') },
  {
    kind: 'dotenv',
    format: { kind: 'dotenv', clientIdVariable: 'CLIENT_ID', clientSecretVariable: 'CLIENT_SECRET' },
    before: 'OTHER=kept\n',
    tokenIn(text) {
      if (!text.includes('OTHER=kept\n') || !text.includes('CLIENT_ID=')) return undefined;
      return /^CLIENT_SECRET=["']?([^"'\n]*)/m.exec(text)?.[1];
    },
  },
  {
    kind: 'key',
    format: { kind: 'key', clientIdKey: 'id', clientSecretKey: 'secret' },
    before: '{"other":"kept"}',
    tokenIn: (text) => (stringIn(text, 'other') === 'kept' ? stringIn(text, 'secret') : undefined),
  },
];

/** Shapes for what a provider mints: each format that there is, or those that can carry a client id with a secret. */
export function shapesFor(mints: 'token' | 'client'): readonly Shape[] {
  return mints === 'token' ? shapes() : CLIENT_SHAPES;
}

/** A shape for each format that there is. Throws for one that nobody has described here. */
function shapes(): readonly Shape[] {
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
