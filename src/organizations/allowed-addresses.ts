import { BlockList, isIP } from 'node:net';
import { isAddressRange } from '../config/address-range.js';
import { TenantError } from './tenant-error.js';

/** From which addresses a provisioning client may come: single ones and ranges, IPv4 and IPv6. null: from anywhere. */
export type AllowedAddresses = readonly string[] | null;

const MOST_RANGES = 100;

/** The list as it is stored; an empty one would lock everybody out and is refused, as is what is no address. Throws TenantError. */
export function checkAllowedAddresses(addresses: AllowedAddresses): AllowedAddresses {
  if (addresses === null) return null;
  if (addresses.length === 0) {
    throw new TenantError('invalid', 'allowedAddresses: an empty list lets nobody in; give null to let everybody in');
  }
  if (addresses.length > MOST_RANGES) {
    throw new TenantError('invalid', `allowedAddresses: at most ${MOST_RANGES} addresses and ranges`);
  }
  const stranger = addresses.find((address) => !isAddressRange(address));
  if (stranger !== undefined) {
    throw new TenantError(
      'invalid',
      `allowedAddresses: "${stranger}" is no IP address and no range such as 192.0.2.0/24 or 2001:db8::/32`,
    );
  }
  return [...new Set(addresses)];
}

/** May a client at this address come in? An address that is not known is in no list. */
export function isAllowed(addresses: AllowedAddresses, address: string): boolean {
  if (addresses === null) return true;
  // A socket that listens on IPv6 shows IPv4 clients as ::ffff:192.0.2.1.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const range of addresses) {
    const [start, bits] = range.split('/') as [string, string | undefined];
    const kind = isIP(start) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(start, Number(bits ?? (kind === 'ipv4' ? 32 : 128)), kind);
  }
  return list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
