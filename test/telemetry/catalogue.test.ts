import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventsMarkdown, metricsMarkdown } from '../../src/telemetry/catalogue.ts';
import { FACTS } from '../../src/telemetry/facts.ts';

const page = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the catalogue', () => {
  it('of events is the page in docs/ (npm run generate writes it)', async () => {
    expect(await page('events.md')).toBe(eventsMarkdown());
  });

  it('of metrics is the page in docs/ (npm run generate writes it)', async () => {
    expect(await page('metrics.md')).toBe(metricsMarkdown());
  });
});

describe('a fact', () => {
  it('carries nothing by a name that every fact has: what all have would take its place', () => {
    const common: readonly string[] = ['id', 'at', 'kind', 'cause', 'rotation'];
    const lost = Object.entries(FACTS).filter(([, { fields }]) =>
      fields.some((name) => common.includes(name)),
    );
    expect(lost).toEqual([]);
  });
});
