import { html as xml } from '../platform/html.js';
import { FORMAT_UNSPECIFIED, NS } from './protocol/names.js';
import type { SpAddresses } from './sp-addresses.js';

export interface AskedLogout {
  readonly id: string;
  readonly issuedAt: Date;
  readonly notOnOrAfter: Date;
  readonly destination: string;
  readonly subject: {
    readonly value: string;
    readonly format: string;
    readonly nameQualifier: string;
    readonly sessionIndex: string | null;
  };
}

/** The IdP is to end the session that a sign-in came from (SAML 2.0 core, section 3.7.1), unsigned. */
export function buildLogoutRequest({ entityId }: Pick<SpAddresses, 'entityId'>, asked: AskedLogout): string {
  const { value, format, nameQualifier, sessionIndex } = asked.subject;
  // As the assertion had it: what it left out is left out.
  const qualifier = nameQualifier === '' ? null : xml` NameQualifier="${nameQualifier}"`;
  const formatted = format === FORMAT_UNSPECIFIED ? null : xml` Format="${format}"`;
  const index = sessionIndex === null ? null : xml`<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`;
  return xml`<samlp:LogoutRequest xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${asked.id}" Version="2.0" IssueInstant="${asked.issuedAt.toISOString()}" Destination="${asked.destination}" NotOnOrAfter="${asked.notOnOrAfter.toISOString()}" Reason="urn:oasis:names:tc:SAML:2.0:logout:user"><saml:Issuer>${entityId}</saml:Issuer><saml:NameID${qualifier}${formatted}>${value}</saml:NameID>${index}</samlp:LogoutRequest>`
    .text;
}
