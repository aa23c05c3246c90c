/**
 * Tells file systems that are shared over a network. On these, locks and fsync do not keep their promises to a database:
 * two processes could both hold a journal.
 */

/** `statfs` types, from Linux' `linux/magic.h` and the file systems' own sources. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'SMB'],
  [0x564c, 'NCP'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'BeeGFS'],
  [0x47504653, 'GPFS'],
  [0xaad7aaea, 'PanFS'],
]);

const FUSE_TYPE = 0x65735546;

/** FUSE file systems are known by their mounts' names alone; those of a container's own machine are fine. */
const NETWORK_FUSE =
  /^fuse\.(?:.*(?:sshfs|s3fs|s3|gcsfuse|gcs|blobfuse2?|glusterfs|goofys|rclone|juicefs|cephfs|seaweedfs|davfs|hdfs|efs).*)$/i;

/**
 * The name of the network file system, or nothing where it is a local one.
 *
 * @param type - what `statfs` says of it; 32 bits, with or without sign
 * @param mountType - the mount's type in `/proc/self/mountinfo`, where there is such a file
 */
export function networkFileSystem(type: number, mountType: string | undefined): string | undefined {
  const unsigned = type >>> 0;
  if (unsigned !== FUSE_TYPE) return NETWORK_TYPES.get(unsigned);
  return mountType !== undefined && NETWORK_FUSE.test(mountType) ? mountType : undefined;
}
