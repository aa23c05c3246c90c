// Writes the files that are made from the source. A test says when that is due.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated.ts';

const root = join(import.meta.dirname, '..');

for (const { path, text } of generatedFiles()) writeFileSync(join(root, path), text);
