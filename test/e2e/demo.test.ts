import { describe, expect, it } from 'vitest';
import { daemonWorld } from '../world/daemon-world.ts';

describe('the demo', () => {
  it('says in plain words what it does, and has lost nothing when it is killed in a rotation and started again', async () => {
    const world = await daemonWorld();
    const demo = world.run('demo');
    await demo.says('✓ checked');
    expect(demo.errors()).toMatch(/http:\/\/\S+\/livez/);
    expect(demo.errors()).toMatch(/rotate \S+ --reason/);
    await demo.line({ event: 'rotation-succeeded' });
    const after = demo.log.length;
    await demo.line({ event: 'rotation-opened' }, after);
    await demo.kill();
    const again = world.run('demo');
    await again.says('✓ checked');
    expect(again.errors()).not.toContain('✗');
    again.signal('SIGINT');
    expect(await again.ended).toEqual({ code: 0 });
  });
});
