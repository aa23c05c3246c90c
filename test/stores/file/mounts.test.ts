import { describe, expect, it } from 'vitest';
import { volumeWarning } from '../../../src/stores/file/mounts.ts';

/** A pod's table, shortened: its own layer, memory, a volume, and one file of a volume. */
const POD = `1547 1406 0:201 / / rw,relatime master:601 - overlay overlay rw,lowerdir=/var/lib/x:/var/lib/y
1548 1547 0:203 / /proc rw,nosuid - proc proc rw
1549 1547 0:204 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k
1560 1547 254:1 /var/lib/kubelet/pods/1/volumes/data /data rw,relatime - ext4 /dev/vda1 rw
1561 1547 254:1 /var/lib/kubelet/pods/1/sub /with\\040space rw,relatime shared:1 master:2 - ext4 /dev/vda1 rw
1562 1547 254:1 /x /etc/app/token rw,relatime - ext4 /dev/vda1 rw
`;

describe('a path in a container', () => {
  it.each(['/nowhere/credentials', '/data-other/x', '/'])(
    'is warned of in its own layer: %s',
    async (path) => {
      expect(await volumeWarning(path, POD)).toMatch(/is not on a mounted volume .* mount a volume there$/);
    },
  );

  it.each(['/data', '/data/a/b', '/with space/x', '/etc/app/token', '/dev/shm/x'])(
    'is fine on a mount: %s',
    async (path) => {
      expect(await volumeWarning(path, POD)).toBeUndefined();
    },
  );

  it('goes by the last of two mounts at one place', async () => {
    const text = `${POD}1600 1547 0:9 / / rw - ext4 /dev/vda1 rw\n`;
    expect(await volumeWarning('/nowhere', text)).toBeUndefined();
  });

  it.each([
    ['a machine', '27 1 254:0 / / rw - ext4 /dev/vda rw\n'],
    ['a system without such a table', ''],
  ])('is not warned of on %s', async (_, text) => {
    expect(await volumeWarning('/nowhere', text)).toBeUndefined();
  });
});
