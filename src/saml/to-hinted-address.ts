/** Parameters that ask for a domain instead of a person. */
const OF_DOMAINS = ['whr', 'domain_hint'];
const LONGEST = 254;

/** The address of the IdP with a hint who wants to sign in, in the parameter the IdP reads it from. */
export function toHintedAddress(address: string, parameter: string | null, hint: unknown): string {
  if (parameter === null || typeof hint !== 'string' || !isHint(hint)) return address;
  const value = OF_DOMAINS.includes(parameter) ? hint.slice(hint.lastIndexOf('@') + 1) : hint;
  const url = new URL(address);
  url.searchParams.set(parameter, value);
  return url.href;
}

const isHint = (text: string): boolean => text !== '' && text.length <= LONGEST && !/[\p{C}\s]/u.test(text);
