import { createSign, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { at, encode, type IdpKey } from './test-idp.js';

/** Logout messages of a test IdP: every field can be set, so that a fixture differs from a good one in one thing. */

export interface LogoutOptions {
  readonly now: Date;
  readonly issuer: string;
  readonly destination: string | undefined;
  readonly id: string;
  readonly version: string;
  readonly issueInstant: string;
  readonly notOnOrAfter: string | undefined;
  readonly nameId: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
  /** A whole element in place of what the other options would make. */
  readonly nameIdElement: string | undefined;
  readonly sessionIndexes: readonly string[];
  readonly extensions: string;
}

const attribute = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}="${value}"`;
const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

export type LogoutParties = Pick<LogoutOptions, 'now' | 'issuer' | 'destination'>;

/** A good request, but for what `changes` says. Unsigned. */
export function makeLogoutRequest(parties: LogoutParties & Partial<LogoutOptions>): string {
  const options: LogoutOptions = {
    id: `_${randomBytes(16).toString('hex')}`,
    version: '2.0',
    issueInstant: at(parties.now),
    notOnOrAfter: at(parties.now, 300),
    nameId: 'ada@example.com',
    format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    nameQualifier: undefined,
    spNameQualifier: undefined,
    nameIdElement: undefined,
    sessionIndexes: ['_session'],
    extensions: '',
    ...parties,
  };
  const { id, version, issueInstant, issuer, nameId } = options;
  const name =
    options.nameIdElement ??
    `<saml:NameID${attribute('NameQualifier', options.nameQualifier)}${attribute('SPNameQualifier', options.spNameQualifier)}` +
      `${attribute('Format', options.format)}>${nameId}</saml:NameID>`;
  const indexes = options.sessionIndexes.map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('');
  return (
    `<samlp:LogoutRequest ${NAMESPACES} ID="${id}" Version="${version}" IssueInstant="${issueInstant}"` +
    `${attribute('Destination', options.destination)}${attribute('NotOnOrAfter', options.notOnOrAfter)}>` +
    `<saml:Issuer>${issuer}</saml:Issuer>${options.extensions}${name}${indexes}</samlp:LogoutRequest>`
  );
}

/** An answer to a request of ours. Unsigned. */
export function makeLogoutResponse(
  parties: LogoutParties & { readonly inResponseTo: string; readonly status?: string; readonly second?: string },
): string {
  const { now, issuer, destination, inResponseTo, second } = parties;
  const status = parties.status ?? 'Success';
  const code = (name: string, inner = '') =>
    `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${name}">${inner}</samlp:StatusCode>`;
  return (
    `<samlp:LogoutResponse ${NAMESPACES} ID="_${randomBytes(16).toString('hex')}" Version="2.0" IssueInstant="${at(now)}"` +
    `${attribute('Destination', destination)} InResponseTo="${inResponseTo}"><saml:Issuer>${issuer}</saml:Issuer>` +
    `<samlp:Status>${code(status, second === undefined ? '' : code(second))}</samlp:Status></samlp:LogoutResponse>`
  );
}

export interface QueryOptions {
  readonly kind: 'SAMLRequest' | 'SAMLResponse';
  readonly relayState: string | undefined;
  readonly algorithm: string;
  /** How this IdP percent-encodes. */
  readonly encode: (value: string) => string;
  readonly key: IdpKey | undefined;
}

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
/** As .NET does it: AD FS and Entra ID. */
export const lowerCase = (value: string): string =>
  encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** The message as a query, signed over exactly what it is. */
export function toQuery(xml: string, changes: Partial<QueryOptions> & Pick<QueryOptions, 'key'>): string {
  const options = {
    kind: 'SAMLRequest',
    algorithm: RSA_SHA256,
    relayState: undefined,
    encode: encodeURIComponent,
    ...changes,
  };
  const parameter = (name: string, value: string) => `${name}=${options.encode(value)}`;
  const message = parameter(options.kind, deflateRawSync(xml).toString('base64'));
  const state = options.relayState === undefined ? '' : `&${parameter('RelayState', options.relayState)}`;
  if (!options.key) return message + state;
  const covered = `${message}${state}&${parameter('SigAlg', options.algorithm)}`;
  const hash = /sha512/.test(options.algorithm) ? 'sha512' : /sha1$/.test(options.algorithm) ? 'sha1' : 'sha256';
  const signature = createSign(hash).update(covered).sign(options.key.privateKey, 'base64');
  return `${covered}&${parameter('Signature', signature)}`;
}

/** The message with an enveloped signature. */
export function signMessage(xml: string, key: IdpKey, algorithm = RSA_SHA256): string {
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: algorithm,
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `/*/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

export const toForm = (xml: string, relayState?: string, kind = 'SAMLRequest'): URLSearchParams =>
  new URLSearchParams({ [kind]: encode(xml), ...(relayState === undefined ? {} : { RelayState: relayState }) });
