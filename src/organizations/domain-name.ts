import { domainToASCII } from 'node:url';

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The one spelling of a domain name: lower case, international names in their ASCII form; undefined when it is none. */
export function toDomainName(name: string): string | undefined {
  const domain = domainToASCII(name.trim().replace(/\.$/, '')).toLowerCase();
  return DOMAIN.test(domain) ? domain : undefined;
}
