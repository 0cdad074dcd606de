import { randomBytes } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { html as xml } from '../platform/html.js';
import type { DemoKey } from './demo-key.store.js';
import { DEMO_IDP_ENTITY_ID, type DemoPerson } from './demo-people.js';
import type { DemoRequest } from './read-authn-request.js';

const MINUTE = 60_000;
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** The signed answer of the demo IdP in the form of the POST binding: base64 of a Response with one signed assertion. */
export function toDemoResponse(
  request: DemoRequest,
  person: DemoPerson,
  groups: readonly string[],
  key: DemoKey,
  now: Date,
): string {
  const assertionId = newXmlId();
  const document = xml`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newXmlId()}" Version="2.0" IssueInstant="${at(now)}" Destination="${request.acsUrl}" InResponseTo="${request.id}"><saml:Issuer>${DEMO_IDP_ENTITY_ID}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${assertion(assertionId, request, person, groups, now)}</samlp:Response>`;
  return Buffer.from(sign(document.text, assertionId, key)).toString('base64');
}

function assertion(id: string, request: DemoRequest, person: DemoPerson, groups: readonly string[], now: Date) {
  const until = at(now, 5 * MINUTE);
  return xml`<saml:Assertion ID="${id}" Version="2.0" IssueInstant="${at(now)}"><saml:Issuer>${DEMO_IDP_ENTITY_ID}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${person.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${request.id}" Recipient="${request.acsUrl}" NotOnOrAfter="${until}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(now, -MINUTE)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${request.issuer}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(now)}" SessionIndex="${newXmlId()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${[
    attribute('email', [person.email]),
    attribute('firstName', [person.givenName]),
    attribute('lastName', [person.familyName]),
    attribute('displayName', [`${person.givenName} ${person.familyName}`]),
    // Without any group the attribute is left out, as real IdPs do.
    ...(groups.length === 0 ? [] : [attribute('groups', groups)]),
  ]}</saml:AttributeStatement></saml:Assertion>`;
}

const attribute = (name: string, values: readonly string[]) =>
  xml`<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">${values.map((value) => xml`<saml:AttributeValue>${value}</saml:AttributeValue>`)}</saml:Attribute>`;

function sign(document: string, assertionId: string, { privateKey, certificate }: DemoKey): string {
  const signer = new SignedXml({
    privateKey,
    publicCert: certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
  });
  const assertion = `//*[local-name(.)='Assertion' and @ID='${assertionId}']`;
  signer.addReference({
    xpath: assertion,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE_C14N],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  // SAML 2.0 core section 2.3.3: in an Assertion ds:Signature follows Issuer.
  signer.computeSignature(document, {
    prefix: 'ds',
    location: { reference: `${assertion}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

/** An xs:ID may not begin with a digit. */
const newXmlId = (): string => `_${randomBytes(20).toString('hex')}`;

const at = (now: Date, offset = 0): string => new Date(now.getTime() + offset).toISOString();
