import { toDomainName } from '../organizations/domain-name.js';

export interface EmailAddress {
  readonly address: string;
  /** In the spelling in which domains are claimed. */
  readonly domain: string;
}

/** SMTP takes no longer ones (RFC 5321 section 4.5.3.1). */
const LONGEST = 254;

/** An e-mail address as far as it leads home: something, an @ and a domain. What stands before the @ is the IdP's business. */
export function readEmail(text: string | undefined): EmailAddress | undefined {
  if (text === undefined || text.length > LONGEST || !/^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(text)) return undefined;
  const domain = toDomainName(text.slice(text.indexOf('@') + 1));
  return domain === undefined ? undefined : { address: text, domain };
}
