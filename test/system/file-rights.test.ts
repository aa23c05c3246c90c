import { describe, expect, it } from 'vitest';
import { otherWriters, parseSelf, parseUsers } from '../../src/system/file-rights.ts';
import type { Exceptions, FileRights, Self } from '../../src/system/file-rights.ts';

const USERS = parseUsers(
  [
    'root:x:0:0:root:/root:/bin/sh',
    'rekeyd:x:999:999::/var/lib/rekeyd:/usr/sbin/nologin',
    'ada:x:1000:1000::/home/ada:/bin/sh',
    'bob:x:1001:1001::/home/bob:/bin/sh',
    'carol:x:1002:100::/home/carol:/bin/sh',
    'nonsense',
  ].join('\n'),
  ['root:x:0:', 'users:x:100:', 'rekeyd:x:999:', 'ada:x:1000:', 'bob:x:1001:carol', 'ops:x:60:ada', ''].join(
    '\n',
  ),
);

const ADA: Self = { uid: 1000, gids: [1000, 60] };
const BOB: Self = { uid: 1001, gids: [1001] };
const CAROL: Self = { uid: 1002, gids: [100] };
const ROOT: Self = { uid: 0, gids: [0] };
const POD: Self = { uid: 65_532, gids: [65_532, 2_000] };

function writers(file: FileRights, self: Self, exceptions?: Exceptions): string[] {
  return otherWriters(file, self, () => USERS, exceptions);
}

describe('a file', () => {
  it.each([
    ['of root, for its owner', { uid: 0, gid: 0, mode: 0o600 }],
    ['of root, that all may read', { uid: 0, gid: 0, mode: 0o644 }],
    ['of root, that the group of a volume may read', { uid: 0, gid: 2_000, mode: 0o440 }],
    ['of one’s own', { uid: 1000, gid: 100, mode: 0o644 }],
    ['with the bits of its type', { uid: 0, gid: 0, mode: 0o100_644 }],
    ['that the group of one’s own name may write', { uid: 1000, gid: 1000, mode: 0o664 }],
    ['of root, that the group of one’s own name may write', { uid: 0, gid: 1000, mode: 0o664 }],
  ])('can be written by nobody else: %s', (_, file) => {
    expect(writers(file, ADA)).toEqual([]);
  });

  it.each([
    ['another user, whatever the mode', { uid: 1001, gid: 1001, mode: 0o444 }, ADA, ['owner']],
    ['another user, for root too', { uid: 1000, gid: 1000, mode: 0o600 }, ROOT, ['owner']],
    ['everybody', { uid: 0, gid: 0, mode: 0o646 }, ADA, ['everybody']],
    ['the group of root', { uid: 0, gid: 0, mode: 0o664 }, ROOT, ['group']],
    ['a group of several', { uid: 1000, gid: 100, mode: 0o664 }, ADA, ['group']],
    [
      'a group with another name, though nobody else is in it',
      { uid: 1000, gid: 60, mode: 0o664 },
      ADA,
      ['group'],
    ],
    [
      'the group of one’s own name, with somebody else in it',
      { uid: 1001, gid: 1001, mode: 0o664 },
      BOB,
      ['group'],
    ],
    [
      'the first group of oneself, which others share',
      { uid: 1002, gid: 100, mode: 0o664 },
      CAROL,
      ['group'],
    ],
    ['the group of a volume', { uid: 65_532, gid: 2_000, mode: 0o660 }, POD, ['group']],
    [
      'another user, a group and everybody',
      { uid: 1001, gid: 100, mode: 0o666 },
      ADA,
      ['owner', 'group', 'everybody'],
    ],
  ])('can be written by others: %s', (_, file, self, want) => {
    expect(writers(file, self)).toEqual(want);
  });
});

describe('a file on a volume whose group Kubernetes lets write everything', () => {
  const FILE = { uid: 65_532, gid: 2_000, mode: 0o660 };

  it('can be written by nobody else where this process is in that group, and no file names it', () => {
    expect(writers(FILE, POD, { volumeGroup: true })).toEqual([]);
  });

  it.each([
    ['this process is not in it', FILE, { ...POD, gids: [65_532] }],
    ['the machine knows the group', { ...FILE, gid: 60 }, { ...POD, gids: [60] }],
    ['everybody may write it besides', { ...FILE, mode: 0o666 }, POD],
  ])('can be written by others where %s', (_, file, self) => {
    expect(writers(file, self, { volumeGroup: true })).not.toEqual([]);
  });
});

describe('who a process is', () => {
  it('is told by the system: what counts for files, and all its groups', () => {
    const status = 'Name:\tnode\nUid:\t0\t0\t0\t65532\nGid:\t1\t2\t3\t4\nGroups:\t2000 3000 \nNgid:\t0\n';
    expect(parseSelf(status)).toEqual({ uid: 65_532, gids: [4, 2_000, 3_000] });
  });

  it('is told without any more groups', () => {
    const status = 'Uid:\t7\t7\t7\t7\nGid:\t8\t8\t8\t8\nGroups:\t \n';
    expect(parseSelf(status)).toEqual({ uid: 7, gids: [8] });
  });

  it('is not known where the system does not say', () => {
    expect(parseSelf('')).toBeUndefined();
  });
});
