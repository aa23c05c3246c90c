import { describe, expect, it } from 'vitest';
import { formProblems } from './form.ts';
import { homeProblems } from './homes.ts';
import { importProblems } from './imports.ts';
import { readSources, report } from './source.ts';
import { suiteProblems } from './suites.ts';

const sources = readSources();

describe('the code of this project', () => {
  it('imports only inward, and each package only where it belongs', () => {
    expect(report(sources.flatMap(importProblems))).toEqual([]);
  });

  it('reads clocks, throws dice and touches the process in one home each', () => {
    expect(report(sources.flatMap(homeProblems))).toEqual([]);
  });

  it('keeps files and functions short, named in full and headed by what they are for', () => {
    expect(report(sources.flatMap(formProblems))).toEqual([]);
  });

  it('has tests that do not sleep, each with a name of its own', () => {
    expect(report(sources.flatMap(suiteProblems))).toEqual([]);
  });
});
