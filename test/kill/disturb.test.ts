import { expect, it } from 'vitest';
import { intentsIn } from './disturb.ts';

it('the intents that a daemon told of are its rotations and attempts', () => {
  const line = (event: string, attempt: number) => ({ level: 'debug', event, rotation: 'r-1', attempt });
  const log = [line('mint-intended', 1), line('rotation-failed', 1), line('mint-intended', 2)];
  expect(intentsIn(log)).toEqual(['r-1/1', 'r-1/2']);
});
