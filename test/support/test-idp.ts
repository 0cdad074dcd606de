import { randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';
import { SignedXml } from 'xml-crypto';

/** An IdP for tests: every field of a Response can be set, so that a fixture differs from a good one in one thing. */

export interface IdpKey {
  readonly privateKey: string;
  readonly certificate: string;
}

export async function makeIdpKey(keySize = 2048): Promise<IdpKey> {
  const pems = await generate([{ name: 'commonName', value: 'Test IdP' }], { keySize, algorithm: 'sha256' });
  return { privateKey: pems.private, certificate: pems.cert };
}

export type Signs = 'assertion' | 'response' | 'both' | 'none';

export interface ResponseOptions {
  readonly key: IdpKey;
  readonly signs: Signs;
  readonly signatureAlgorithm: string;
  readonly digestAlgorithm: string;
  readonly canonicalization: string;
  readonly now: Date;
  readonly idpEntityId: string;
  readonly spEntityId: string;
  readonly acsUrl: string;
  /** undefined: IdP-initiated. */
  readonly inResponseTo: string | undefined;
  readonly responseInResponseTo: string | undefined;
  readonly confirmationInResponseTo: string | undefined;
  readonly responseId: string;
  readonly assertionId: string;
  readonly responseIssuer: string | undefined;
  readonly assertionIssuer: string;
  readonly responseVersion: string;
  readonly assertionVersion: string;
  readonly destination: string | undefined;
  readonly recipient: string | undefined;
  readonly statusCode: string;
  readonly nameId: string;
  readonly nameIdFormat: string | undefined;
  readonly method: string;
  readonly issueInstant: string;
  readonly notBefore: string | undefined;
  readonly notOnOrAfter: string | undefined;
  readonly confirmationNotOnOrAfter: string | undefined;
  readonly confirmationNotBefore: string | undefined;
  readonly authnInstant: string;
  readonly sessionNotOnOrAfter: string | undefined;
  readonly sessionIndex: string | undefined;
  /** Whole elements in place of what the other options would make. */
  readonly nameIdElement: string | undefined;
  readonly subject: string | undefined;
  readonly confirmations: string | undefined;
  readonly conditions: string | undefined;
  readonly audienceRestrictions: string | undefined;
  readonly authnStatement: string | undefined;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Further elements of the AttributeStatement. */
  readonly attributeXml: string;
  /** Further children of the assertion. */
  readonly assertionXml: string;
  /** What happens to the response between the signature of its assertion and its own. */
  readonly encrypt: ((xml: string) => string) | undefined;
}

export const at = (now: Date, seconds = 0): string => new Date(now.getTime() + seconds * 1000).toISOString();
const newId = (): string => `_${randomBytes(16).toString('hex')}`;
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('>', '&gt;');
const optional = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}="${escape(value)}"`;

type Needed = Pick<ResponseOptions, 'key' | 'idpEntityId' | 'spEntityId' | 'acsUrl' | 'inResponseTo'>;

/** A good answer, but for what `changes` says. The XML, signed. */
export function makeResponse(needed: Needed & Partial<ResponseOptions>): string {
  const now = needed.now ?? new Date();
  const options: ResponseOptions = {
    signs: 'assertion',
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    now,
    responseInResponseTo: needed.inResponseTo,
    confirmationInResponseTo: needed.inResponseTo,
    responseId: newId(),
    assertionId: newId(),
    responseIssuer: needed.idpEntityId,
    assertionIssuer: needed.idpEntityId,
    responseVersion: '2.0',
    assertionVersion: '2.0',
    destination: needed.acsUrl,
    recipient: needed.acsUrl,
    statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    nameId: 'ada@example.com',
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
    issueInstant: at(now),
    notBefore: at(now, -30),
    notOnOrAfter: at(now, 300),
    confirmationNotOnOrAfter: at(now, 300),
    confirmationNotBefore: undefined,
    authnInstant: at(now),
    sessionNotOnOrAfter: undefined,
    sessionIndex: '_session',
    nameIdElement: undefined,
    subject: undefined,
    confirmations: undefined,
    conditions: undefined,
    audienceRestrictions: undefined,
    authnStatement: undefined,
    attributes: { email: [needed.nameId ?? 'ada@example.com'] },
    attributeXml: '',
    assertionXml: '',
    encrypt: undefined,
    ...needed,
  };
  return sign(responseXml(options), options);
}

export const encode = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64');

function responseXml(o: ResponseOptions): string {
  const issuer = o.responseIssuer === undefined ? '' : `<saml:Issuer>${escape(o.responseIssuer)}</saml:Issuer>`;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
    ` ID="${o.responseId}" Version="${o.responseVersion}" IssueInstant="${o.issueInstant}"` +
    `${optional('Destination', o.destination)}${optional('InResponseTo', o.responseInResponseTo)}>` +
    `${issuer}<samlp:Status><samlp:StatusCode Value="${o.statusCode}"/></samlp:Status>${assertionXml(o)}</samlp:Response>`
  );
}

function assertionXml(o: ResponseOptions): string {
  const nameId =
    o.nameIdElement ?? `<saml:NameID${optional('Format', o.nameIdFormat)}>${escape(o.nameId)}</saml:NameID>`;
  const data =
    `<saml:SubjectConfirmationData${optional('InResponseTo', o.confirmationInResponseTo)}${optional('Recipient', o.recipient)}` +
    `${optional('NotBefore', o.confirmationNotBefore)}${optional('NotOnOrAfter', o.confirmationNotOnOrAfter)}/>`;
  const confirmations =
    o.confirmations ?? `<saml:SubjectConfirmation Method="${o.method}">${data}</saml:SubjectConfirmation>`;
  const restrictions =
    o.audienceRestrictions ??
    `<saml:AudienceRestriction><saml:Audience>${escape(o.spEntityId)}</saml:Audience></saml:AudienceRestriction>`;
  const conditions =
    o.conditions ??
    `<saml:Conditions${optional('NotBefore', o.notBefore)}${optional('NotOnOrAfter', o.notOnOrAfter)}>${restrictions}</saml:Conditions>`;
  const authn =
    o.authnStatement ??
    `<saml:AuthnStatement AuthnInstant="${o.authnInstant}"${optional('SessionIndex', o.sessionIndex)}` +
      `${optional('SessionNotOnOrAfter', o.sessionNotOnOrAfter)}><saml:AuthnContext><saml:AuthnContextClassRef>` +
      `urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`;
  const attributes = Object.entries(o.attributes)
    .map(([name, values]) => {
      const inner = values.map((value) => `<saml:AttributeValue>${escape(value)}</saml:AttributeValue>`).join('');
      return `<saml:Attribute Name="${escape(name)}">${inner}</saml:Attribute>`;
    })
    .join('');
  const statement = attributes + o.attributeXml;
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${o.assertionId}" Version="${o.assertionVersion}" IssueInstant="${o.issueInstant}">` +
    `<saml:Issuer>${escape(o.assertionIssuer)}</saml:Issuer>` +
    (o.subject ?? `<saml:Subject>${nameId}${confirmations}</saml:Subject>`) +
    conditions +
    authn +
    (statement === '' ? '' : `<saml:AttributeStatement>${statement}</saml:AttributeStatement>`) +
    `${o.assertionXml}</saml:Assertion>`
  );
}

function sign(xml: string, o: ResponseOptions): string {
  let signed = xml;
  if (o.signs === 'assertion' || o.signs === 'both') signed = signElement(signed, 'Assertion', o.assertionId, o);
  if (o.encrypt) signed = o.encrypt(signed);
  if (o.signs === 'response' || o.signs === 'both') signed = signElement(signed, 'Response', o.responseId, o);
  return signed;
}

/** Signs the element of the ID and puts the signature behind its Issuer. */
export function signElement(
  xml: string,
  name: 'Assertion' | 'Response',
  id: string,
  o: Pick<ResponseOptions, 'key' | 'signatureAlgorithm' | 'digestAlgorithm' | 'canonicalization'>,
): string {
  const element = `//*[local-name(.)='${name}' and @ID='${id}']`;
  const signer = new SignedXml({
    privateKey: o.key.privateKey,
    publicCert: o.key.certificate,
    signatureAlgorithm: o.signatureAlgorithm,
    canonicalizationAlgorithm: o.canonicalization,
  });
  signer.addReference({
    xpath: element,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', o.canonicalization],
    digestAlgorithm: o.digestAlgorithm,
  });
  // Where the schema wants it: behind the Issuer, which a response need not have.
  const next = name === 'Response' ? 'Status' : 'Subject';
  const [, issuer] = new RegExp(`<\\w+:${name}\\s[^>]*>(<saml:Issuer[ />])?`).exec(xml)!;
  const location = issuer
    ? { reference: `${element}/*[local-name(.)='Issuer']`, action: 'after' as const }
    : { reference: `${element}/*[local-name(.)='${next}']`, action: 'before' as const };
  signer.computeSignature(xml, { prefix: 'ds', location });
  return signer.getSignedXml();
}
