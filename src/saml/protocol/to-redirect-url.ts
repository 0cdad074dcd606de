/** A message as a query (SAML 2.0 bindings, section 3.4.4). */
import { createSign, type KeyObject } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** Names that mean something to the receiver of the message. */
export const MESSAGE_PARAMETERS = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'];

export interface RedirectMessage {
  readonly kind: 'SAMLRequest' | 'SAMLResponse';
  readonly xml: string;
  readonly relayState?: string | undefined;
  /** Sign with this key; absent: unsigned. */
  readonly signWith?: KeyObject | undefined;
}

/**
 * The address with the message behind what its query already says. "The signature is computed over the concatenation SAMLRequest=value&
 * RelayState=value&SigAlg=value", and "the original URL-encoded values" are what a receiver verifies (3.4.4.1): what is signed is what is sent.
 */
export function toRedirectUrl(address: string, { kind, xml, relayState, signWith }: RedirectMessage): string {
  const pairs: [string, string][] = [
    [kind, deflateRawSync(xml).toString('base64')],
    ...(relayState === undefined ? [] : [['RelayState', relayState] as [string, string]]),
    ...(signWith ? [['SigAlg', RSA_SHA256] as [string, string]] : []),
  ];
  const signed = pairs.map(toParameter).join('&');
  const signature = signWith && createSign('sha256').update(signed).sign(signWith, 'base64');
  const message = signature === undefined ? signed : `${signed}&${toParameter(['Signature', signature])}`;
  const url = new URL(address);
  for (const name of MESSAGE_PARAMETERS) url.searchParams.delete(name);
  return `${url.href}${url.search === '' ? '?' : '&'}${message}`;
}

const toParameter = ([name, value]: readonly [string, string]): string => `${name}=${encodeURIComponent(value)}`;
