import { BlockList, isIP } from 'node:net';

/**
 * Which addresses belong to the internet at large. What a customer or an IdP names is only ever fetched from such an address: the others
 * lead into the operator's own network, to this machine, or to the metadata service of its cloud. From the special-purpose registries
 * of IANA (RFC 6890); IPv6 is the other way round: only what is given out for the internet (2000::/3), without what is carved out of it.
 */
const NOT_PUBLIC_4 = [
  '0.0.0.0/8', // this network; Linux connects 0.0.0.0 to itself
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598), and the metadata service of a cloud at 100.100.100.200
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the host of an Azure machine, at an address that looks public
  '169.254.0.0/16', // link-local, with the metadata services of the clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments, with a metadata service at 192.0.0.192
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, with broadcast
];
const PUBLIC_6 = '2000::/3';
const NOT_PUBLIC_6 = [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4 has an IPv4 address inside
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

const toList = (ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [start, bits] = range.split('/') as [string, string];
    list.addSubnet(start, Number(bits), family);
  }
  return list;
};

const notPublic4 = toList(NOT_PUBLIC_4, 'ipv4');
const public6 = toList([PUBLIC_6], 'ipv6');
const notPublic6 = toList(NOT_PUBLIC_6, 'ipv6');

/** What is no address is not public either. IPv4 inside IPv6 (mapped, NAT64) never is: it is outside 2000::/3. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic4.check(address, 'ipv4');
  return family === 6 && public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
