import type { SamlSettings } from '../organizations/connection.js';
import { html as xml } from '../platform/html.js';
import { BINDING_POST, NS } from './protocol/names.js';
import type { SpNames } from './sp-addresses.js';

/**
 * The question a sign-in begins with (SAML 2.0 core, section 3.4.1), unsigned. RequestedAuthnContext is off by default because it breaks
 * multi-factor sign-ins at Entra and AD FS; so is the format of the NameIDPolicy, which some IdPs refuse.
 */
export function buildAuthnRequest(
  settings: Pick<SamlSettings, 'ssoUrl' | 'forceAuthn' | 'nameIdFormat' | 'requestedAuthnContext'>,
  sp: SpNames,
  request: { readonly id: string; readonly issuedAt: Date },
): string {
  const { ssoUrl, forceAuthn, nameIdFormat, requestedAuthnContext } = settings;
  const force = forceAuthn ? xml` ForceAuthn="true"` : null;
  const format = nameIdFormat === null ? null : xml` Format="${nameIdFormat}"`;
  const classes = requestedAuthnContext.map(
    (name) => xml`<saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef>`,
  );
  const context =
    classes.length === 0
      ? null
      : xml`<samlp:RequestedAuthnContext Comparison="exact">${classes}</samlp:RequestedAuthnContext>`;
  return xml`<samlp:AuthnRequest xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${request.id}" Version="2.0" IssueInstant="${request.issuedAt.toISOString()}" Destination="${ssoUrl}" ProtocolBinding="${BINDING_POST}" AssertionConsumerServiceURL="${sp.acsUrl}"${force}><saml:Issuer>${sp.entityId}</saml:Issuer><samlp:NameIDPolicy${format} AllowCreate="true"/>${context}</samlp:AuthnRequest>`
    .text;
}
