import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../toolchain/generated.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the generated files', () => {
  it.each(generatedFiles())('has $path as `npm run generate` writes it', ({ path, text: wantText }) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(wantText);
  });
});
