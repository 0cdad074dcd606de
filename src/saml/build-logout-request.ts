import { html as xml } from '../platform/html.js';
import type { SentName } from '../sessions/sent-name.js';
import { NS } from './protocol/names.js';
import type { SpAddresses } from './sp-addresses.js';

export interface AskedLogout {
  readonly id: string;
  readonly issuedAt: Date;
  readonly notOnOrAfter: Date;
  readonly destination: string;
  /** As the assertion had it. */
  readonly name: SentName;
  readonly sessionIndex: string | null;
}

/** The IdP is to end the session that a sign-in came from (SAML 2.0 core, section 3.7.1), unsigned. */
export function buildLogoutRequest({ entityId }: Pick<SpAddresses, 'entityId'>, asked: AskedLogout): string {
  const { name, sessionIndex } = asked;
  const attributes = [
    ['NameQualifier', name.nameQualifier],
    ['SPNameQualifier', name.spNameQualifier],
    ['Format', name.format],
  ] as const;
  const written = attributes.map(([attribute, value]) => (value === undefined ? null : xml` ${attribute}="${value}"`));
  const index = sessionIndex === null ? null : xml`<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`;
  return xml`<samlp:LogoutRequest xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${asked.id}" Version="2.0" IssueInstant="${asked.issuedAt.toISOString()}" Destination="${asked.destination}" NotOnOrAfter="${asked.notOnOrAfter.toISOString()}" Reason="urn:oasis:names:tc:SAML:2.0:logout:user"><saml:Issuer>${entityId}</saml:Issuer><saml:NameID${written}>${name.value}</saml:NameID>${index}</samlp:LogoutRequest>`
    .text;
}
