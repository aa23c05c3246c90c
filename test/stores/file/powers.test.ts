import { describe, expect, it } from 'vitest';
import { ownPowers, parseStatus } from '../../../src/stores/file/powers.ts';

const STATUS = `Name:\tnode
Umask:\t0022
Uid:\t1000\t1001\t1002\t1003
Gid:\t2000\t2001\t2002\t2003
Groups:\t4 24
CapPrm:\tffffffffffffffff
CapEff:\tCAPABILITIES
`;

describe('what a process may do to files', () => {
  it.each<[what: string, capabilities: string, wantOverOthers: boolean]>([
    ['root', '000001ffffffffff', true],
    ['a user', '0000000000000000', false],
    ['root in a container that dropped CAP_FOWNER', '00000000a80425f3', false],
    ['a user with CAP_FOWNER alone', '0000000000000008', true],
  ])('goes by its effective ids and capabilities: %s', (_, capabilities, wantOverOthers) => {
    const wantPowers = { uid: 1001, gid: 2001, overOthers: wantOverOthers };
    expect(parseStatus(STATUS.replace('CAPABILITIES', capabilities))).toEqual(wantPowers);
  });

  it('names this very process', async () => {
    expect((await ownPowers()).uid).toBe(process.geteuid?.());
  });
});
