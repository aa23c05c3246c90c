import { describe, expect, it } from 'vitest';
import { mountOf, parseMounts } from '../../src/system/mounts.ts';

/** A pod's table, shortened: its own layer, memory, volumes, and one file of a volume. */
const POD = [
  '1547 1406 0:201 / / rw,relatime master:601 - overlay overlay rw,lowerdir=/var/lib/x:/var/lib/y',
  '1549 1547 0:204 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k',
  '1560 1547 254:1 /var/lib/kubelet/pods/1/volumes/data /data rw,relatime - ext4 /dev/vda1 rw,errors=remount-ro',
  '1561 1547 254:1 /pods/1/sub /data/with\\040space rw,relatime shared:1 master:2 - fuse.sshfs host:/ rw',
  '1562 1547 254:1 /config /etc/rekeyd ro,relatime - ext4 /dev/vda1 rw',
  '1563 1547 254:2 / /mnt/disc rw,relatime - iso9660 /dev/sr0 ro',
  '',
].join('\n');

const MOUNTS = parseMounts(POD);

describe('the table of mounts', () => {
  it('names each mount point as it is, with its type', () => {
    expect(MOUNTS.map(({ point, type }) => `${type} ${point}`)).toEqual([
      'overlay /',
      'tmpfs /dev',
      'ext4 /data',
      'fuse.sshfs /data/with space',
      'ext4 /etc/rekeyd',
      'iso9660 /mnt/disc',
    ]);
  });

  it('says which are read-only, by themselves or with their whole file system', () => {
    const wantPoints = ['/etc/rekeyd', '/mnt/disc'];
    expect(MOUNTS.filter(({ readOnly }) => readOnly).map(({ point }) => point)).toEqual(wantPoints);
  });

  it('is empty where the system has none', () => {
    expect(parseMounts('')).toEqual([]);
  });
});

describe('the mount of a path', () => {
  it.each([
    ['/var/lib/rekeyd', '/'],
    ['/data', '/data'],
    ['/data/journal', '/data'],
    ['/database', '/'],
    ['/data/with space/x', '/data/with space'],
  ])('is the longest that contains it: %s', (path, want) => {
    expect(mountOf(MOUNTS, path)?.point).toBe(want);
  });

  it('is the later one of two at the same place', () => {
    const mounts = parseMounts(`${POD}1600 1547 0:9 / / rw - xfs /dev/vda2 rw\n`);
    expect(mountOf(mounts, '/x')?.type).toBe('xfs');
  });

  it('is unknown where nothing is mounted', () => {
    expect(mountOf([], '/x')).toBeUndefined();
  });
});
