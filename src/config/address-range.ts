import { isIP } from 'node:net';

/** Is it an IPv4 or IPv6 address, or a range in CIDR form (RFC 4632, RFC 4291 section 2.3)? */
export function isAddressRange(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const family = isIP(address!);
  // A zone ("fe80::1%eth0") means something on one machine only.
  if (family === 0 || rest.length > 0 || address!.includes('%')) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
