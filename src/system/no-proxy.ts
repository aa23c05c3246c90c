/** The subnets of `NO_PROXY` (`10.0.0.0/8`), which Go and curl honour and undici does not: clusters name their own addresses so. */
import { BlockList, isIP } from 'node:net';

/** An address, and how many of its first bits count. */
const SUBNET = /^(.+)\/(\d{1,3})$/;

/**
 * Tells of a host, as a URL has it, whether it is an address in a subnet of `noProxy`, as the environment has that: entries between
 * commas or spaces. Those that are no subnets are passed over; names are not looked up.
 */
export function inSubnetsOf(noProxy: string): (host: string) => boolean {
  const subnets = new BlockList();
  for (const entry of noProxy.split(/[,\s]+/)) {
    const [, address = '', bits = ''] = SUBNET.exec(entry) ?? [];
    const family = familyOf(address);
    if (family !== undefined && Number(bits) <= (family === 'ipv4' ? 32 : 128)) {
      subnets.addSubnet(address, Number(bits), family);
    }
  }
  return (host) => {
    const address = host.replace(/^\[(.+)\]$/, '$1');
    const family = familyOf(address);
    return family !== undefined && subnets.check(address, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
