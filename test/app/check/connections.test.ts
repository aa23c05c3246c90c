import { expect, it } from 'vitest';
import { checkProvider } from '../../../src/app/check/connections.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { OverlapService } from '../../world/overlap-service.ts';

it('says nothing of a role where nothing depends on one', async () => {
  const service = new OverlapService(new FakeClock(0), []);
  const { findings } = await checkProvider(service.provider(), { signal: new AbortController().signal });
  expect(findings.map(({ check, outcome }) => ({ check, outcome }))).toEqual([
    { check: 'manager', outcome: 'ok' },
  ]);
  expect(findings[0]?.message).toContain(service.managerClientId);
});
