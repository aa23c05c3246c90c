import { describe, expect, it } from 'vitest';
import { networkFileSystem } from '../../src/journal/sqlite/network.ts';

describe('a file system', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB', 0xfe534d42],
    ['SMB, with a sign', 0xff534d42 | 0],
    ['Ceph', 0x00c36400],
    ['Lustre', 0x0bd00bd0],
  ])('is one of a network: %s', (_, type) => {
    expect(networkFileSystem(type, undefined)).toBeDefined();
  });

  it.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['btrfs', 0x9123683e],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['9p, as sandboxes and virtual machines have it', 0x01021997],
  ])('is a local one: %s', (_, type) => {
    expect(networkFileSystem(type, undefined)).toBeUndefined();
  });

  it.each(['fuse.sshfs', 'fuse.s3fs', 'fuse.gcsfuse', 'fuse.glusterfs', 'fuse.mount-s3', 'fuse.blobfuse2'])(
    'is one of a network by the name of its mount: %s',
    (mountType) => {
      expect(networkFileSystem(0x65735546, mountType)).toBe(mountType);
    },
  );

  it.each([undefined, 'fuse', 'fuse.grpcfuse', 'fuse.fuse-overlayfs', 'fuse.lxcfs', 'fuseblk'])(
    'is a local one by the name of its mount: %s',
    (mountType) => {
      expect(networkFileSystem(0x65735546, mountType)).toBeUndefined();
    },
  );
});
