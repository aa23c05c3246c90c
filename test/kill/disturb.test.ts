import { expect, it } from 'vitest';
import { intentsIn } from './disturb.ts';

it('the intents that a daemon told of are its rotations and attempts', () => {
  const line = (event: string, attempt: number) =>
    JSON.stringify({ level: 'debug', event, account: 'a', rotation: 'r-1', step: 'mint', attempt });
  const output = [line('mint-intended', 1), line('rotation-failed', 1), line('mint-intended', 2)].join('\n');
  expect(intentsIn(output)).toEqual(['r-1/1', 'r-1/2']);
});
