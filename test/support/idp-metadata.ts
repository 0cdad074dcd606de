import { SignedXml } from 'xml-crypto';
import type { IdpKey } from './test-idp.js';

/** Metadata as the well-known IdPs publish it: their shape, their order, their extras; names and certificates of our own. */

export interface MetadataParts {
  /** PEM; the first is in use, the others follow or went before. */
  readonly certificates: readonly string[];
  readonly encryption?: string;
  readonly validUntil?: string;
}

export type IdpShape =
  | 'entra'
  | 'adfs'
  | 'okta'
  | 'google'
  | 'keycloak'
  | 'shibboleth'
  | 'jumpcloud'
  | 'onelogin'
  | 'ping'
  | 'auth0'
  | 'simplesamlphp';

export interface Published {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly singleLogout: { url: string; responseUrl: string | null; binding: 'redirect' | 'post' } | null;
  readonly xml: (parts: MetadataParts) => string;
}

const NS_MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const NS_DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:protocol';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const SOAP = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP';
const ARTIFACT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact';
const NAME_ID = 'urn:oasis:names:tc:SAML:1.1:nameid-format';

/** Base64 in one line, as most print it. */
const flat = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '');
/** In lines of 64 with an indentation, as Shibboleth and Google print it. */
const indented = (pem: string, by = '                    '): string =>
  `\n${(flat(pem).match(/.{1,64}/g) ?? []).map((line) => by + line).join('\n')}\n${by}`;
const until = ({ validUntil }: MetadataParts): string => (validUntil ? ` validUntil="${validUntil}"` : '');
const each = (parts: MetadataParts, make: (certificate: string) => string): string =>
  parts.certificates.map((pem) => make(flat(pem))).join('');

const entra: Published = {
  entityId: 'https://sts.windows.net/1c3d5f70-0a1b-4c2d-9e8f-7a6b5c4d3e2f/',
  ssoUrl: 'https://login.microsoftonline.com/1c3d5f70-0a1b-4c2d-9e8f-7a6b5c4d3e2f/saml2',
  singleLogout: {
    url: 'https://login.microsoftonline.com/1c3d5f70-0a1b-4c2d-9e8f-7a6b5c4d3e2f/saml2',
    responseUrl: null,
    binding: 'redirect',
  },
  xml: (parts) => {
    const key = each(
      parts,
      (certificate) =>
        `<KeyDescriptor use="signing"><KeyInfo xmlns="${NS_DS}"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
    );
    const { entityId, ssoUrl } = entra;
    return (
      `\uFEFF<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="_9f3a4a7e-50a2-4f4a-8f4b-2f0f9a8d7c6b" entityID="${entityId}" xmlns="${NS_MD}"${until(parts)}>` +
      `<RoleDescriptor xsi:type="fed:SecurityTokenServiceType" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">${key}<fed:ClaimTypesOffered><auth:ClaimType Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"><auth:DisplayName>Name</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered></RoleDescriptor>` +
      `<IDPSSODescriptor protocolSupportEnumeration="${SAML2}">${key}` +
      `<SingleLogoutService Binding="${REDIRECT}" Location="${ssoUrl}"/><SingleSignOnService Binding="${REDIRECT}" Location="${ssoUrl}"/><SingleSignOnService Binding="${POST}" Location="${ssoUrl}"/></IDPSSODescriptor></EntityDescriptor>`
    );
  },
};

const adfs: Published = {
  entityId: 'http://adfs.corp.example/adfs/services/trust',
  ssoUrl: 'https://adfs.corp.example/adfs/ls/',
  singleLogout: { url: 'https://adfs.corp.example/adfs/ls/', responseUrl: null, binding: 'redirect' },
  xml: (parts) => {
    const key = (use: string) => (certificate: string) =>
      `<KeyDescriptor use="${use}"><KeyInfo xmlns="${NS_DS}"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
    const encryption = parts.encryption ? key('encryption')(flat(parts.encryption)) : '';
    const signing = each(parts, key('signing'));
    const { entityId, ssoUrl } = adfs;
    return (
      `<EntityDescriptor ID="_5e6d7c8b-0000-4000-8000-9a8b7c6d5e4f" entityID="${entityId}" xmlns="${NS_MD}"${until(parts)}>` +
      `<!-- Active Directory Federation Services -->` +
      `<RoleDescriptor xsi:type="fed:ApplicationServiceType" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocolSupportEnumeration="http://docs.oasis-open.org/ws-sx/ws-trust/200512 http://schemas.xmlsoap.org/ws/2005/02/trust" ServiceDisplayName="Corp" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">${encryption}</RoleDescriptor>` +
      `<SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="${SAML2}">${encryption}${signing}<SingleLogoutService Binding="${REDIRECT}" Location="${ssoUrl}sp"/><AssertionConsumerService Binding="${POST}" Location="${ssoUrl}" index="0" isDefault="true"/></SPSSODescriptor>` +
      `<IDPSSODescriptor protocolSupportEnumeration="${SAML2}">${encryption}${signing}` +
      `<SingleLogoutService Binding="${REDIRECT}" Location="${ssoUrl}"/><SingleLogoutService Binding="${POST}" Location="${ssoUrl}"/>` +
      `<NameIDFormat>${NAME_ID}:emailAddress</NameIDFormat><NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>` +
      `<SingleSignOnService Binding="${REDIRECT}" Location="${ssoUrl}"/><SingleSignOnService Binding="${POST}" Location="${ssoUrl}"/>` +
      `<Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="E-Mail Address" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>` +
      `</IDPSSODescriptor><ContactPerson contactType="support"/></EntityDescriptor>`
    );
  },
};

const okta: Published = {
  entityId: 'http://www.okta.com/exk1a2b3c4d5e6f7g8h9',
  ssoUrl: 'https://corp.okta.com/app/corp_rollcall_1/exk1a2b3c4d5e6f7g8h9/sso/saml',
  singleLogout: null,
  xml: (parts) =>
    `<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="${okta.entityId}" xmlns:md="${NS_MD}"${until(parts)}><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${SAML2}">` +
    each(
      parts,
      (certificate) =>
        `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${NS_DS}"><ds:X509Data><ds:X509Certificate>${certificate.replace(/(.{64})/g, '$1\n')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    ) +
    `<md:NameIDFormat>${NAME_ID}:unspecified</md:NameIDFormat><md:NameIDFormat>${NAME_ID}:emailAddress</md:NameIDFormat>` +
    `<md:SingleSignOnService Binding="${POST}" Location="${okta.ssoUrl}"/><md:SingleSignOnService Binding="${REDIRECT}" Location="${okta.ssoUrl}"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
};

const google: Published = {
  entityId: 'https://accounts.google.com/o/saml2?idpid=C01abc23d',
  ssoUrl: 'https://accounts.google.com/o/saml2/idp?idpid=C01abc23d',
  singleLogout: null,
  xml: (parts) =>
    `<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<md:EntityDescriptor xmlns:md="${NS_MD}" entityID="${google.entityId}" validUntil="${parts.validUntil ?? '2031-11-26T10:15:07.000Z'}">\n` +
    `  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${SAML2}">\n` +
    parts.certificates
      .map(
        (pem) =>
          `    <md:KeyDescriptor use="signing">\n      <ds:KeyInfo xmlns:ds="${NS_DS}">\n        <ds:X509Data>\n          <ds:X509Certificate>${indented(pem, '')}</ds:X509Certificate>\n        </ds:X509Data>\n      </ds:KeyInfo>\n    </md:KeyDescriptor>\n`,
      )
      .join('') +
    `    <md:NameIDFormat>${NAME_ID}:emailAddress</md:NameIDFormat>\n` +
    `    <md:SingleSignOnService Binding="${REDIRECT}" Location="${google.ssoUrl}"/>\n    <md:SingleSignOnService Binding="${POST}" Location="${google.ssoUrl}"/>\n  </md:IDPSSODescriptor>\n</md:EntityDescriptor>\n`,
};

const keycloak: Published = {
  entityId: 'https://keycloak.example/realms/corp',
  ssoUrl: 'https://keycloak.example/realms/corp/protocol/saml',
  singleLogout: { url: 'https://keycloak.example/realms/corp/protocol/saml', responseUrl: null, binding: 'redirect' },
  xml: (parts) => {
    const at = `Location="${keycloak.ssoUrl}"`;
    return (
      `<md:EntityDescriptor xmlns="${NS_MD}" xmlns:md="${NS_MD}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="${NS_DS}" entityID="${keycloak.entityId}"${until(parts)}>` +
      `<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${SAML2}">` +
      each(
        parts,
        (certificate) =>
          `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyName>N9d4mYdHkM2q3sWzq0v6c0w8</ds:KeyName><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
      ) +
      `<md:ArtifactResolutionService Binding="${SOAP}" Location="${keycloak.ssoUrl}/resolve" index="0"></md:ArtifactResolutionService>` +
      `<md:SingleLogoutService Binding="${POST}" ${at}></md:SingleLogoutService><md:SingleLogoutService Binding="${REDIRECT}" ${at}></md:SingleLogoutService><md:SingleLogoutService Binding="${ARTIFACT}" ${at}></md:SingleLogoutService><md:SingleLogoutService Binding="${SOAP}" ${at}></md:SingleLogoutService>` +
      `<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat><md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>` +
      `<md:SingleSignOnService Binding="${POST}" ${at}></md:SingleSignOnService><md:SingleSignOnService Binding="${REDIRECT}" ${at}></md:SingleSignOnService><md:SingleSignOnService Binding="${SOAP}" ${at}></md:SingleSignOnService><md:SingleSignOnService Binding="${ARTIFACT}" ${at}></md:SingleSignOnService>` +
      `</md:IDPSSODescriptor></md:EntityDescriptor>`
    );
  },
};

const shibboleth: Published = {
  entityId: 'https://idp.university.example/idp/shibboleth',
  ssoUrl: 'https://idp.university.example/idp/profile/SAML2/Redirect/SSO',
  singleLogout: {
    url: 'https://idp.university.example/idp/profile/SAML2/Redirect/SLO',
    responseUrl: null,
    binding: 'redirect',
  },
  xml: (parts) => {
    const base = 'https://idp.university.example/idp/profile';
    const key = (pem: string, use: string, note: string) =>
      `\n        <!-- ${note} -->\n        <KeyDescriptor use="${use}">\n            <ds:KeyInfo>\n                <ds:X509Data>\n                    <ds:X509Certificate>${indented(pem)}</ds:X509Certificate>\n                </ds:X509Data>\n            </ds:KeyInfo>\n        </KeyDescriptor>`;
    return (
      `<?xml version="1.0" encoding="UTF-8"?>\n<!--\n     This is example metadata only. Do *NOT* supply it as is without review.\n-->\n` +
      `<EntityDescriptor xmlns="${NS_MD}" xmlns:ds="${NS_DS}" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:xml="http://www.w3.org/XML/1998/namespace" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"${until(parts)} entityID="${shibboleth.entityId}">\n` +
      `    <IDPSSODescriptor protocolSupportEnumeration="${SAML2} urn:oasis:names:tc:SAML:1.1:protocol urn:mace:shibboleth:1.0">\n        <Extensions>\n            <shibmd:Scope regexp="false">university.example</shibmd:Scope>\n            <mdui:UIInfo><mdui:DisplayName xml:lang="en">University</mdui:DisplayName></mdui:UIInfo>\n        </Extensions>` +
      parts.certificates
        .map((pem, index) =>
          key(pem, 'signing', index === 0 ? 'First signing certificate is BackChannel' : 'FrontChannel'),
        )
        .join('') +
      (parts.encryption ? key(parts.encryption, 'encryption', 'Encryption') : '') +
      `\n        <ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding" Location="${base}/SAML1/SOAP/ArtifactResolution" index="1"/>` +
      `\n        <SingleLogoutService Binding="${REDIRECT}" Location="${base}/SAML2/Redirect/SLO"/><SingleLogoutService Binding="${POST}" Location="${base}/SAML2/POST/SLO"/><SingleLogoutService Binding="${SOAP}" Location="https://idp.university.example:8443/idp/profile/SAML2/SOAP/SLO"/>` +
      `\n        <SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="${base}/Shibboleth/SSO"/><SingleSignOnService Binding="${POST}" Location="${base}/SAML2/POST/SSO"/><SingleSignOnService Binding="${REDIRECT}" Location="${shibboleth.ssoUrl}"/>` +
      `\n    </IDPSSODescriptor>\n    <AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"/>\n</EntityDescriptor>\n`
    );
  },
};

/** What several hosted IdPs have in common: one key, POST and redirect. */
const plain = (
  entityId: string,
  ssoUrl: string,
  redirectUrl: string,
  singleLogout: Published['singleLogout'] = null,
): Published => ({
  entityId,
  ssoUrl: redirectUrl,
  singleLogout,
  xml: (parts) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<md:EntityDescriptor xmlns:md="${NS_MD}" xmlns:ds="${NS_DS}" entityID="${entityId}"${until(parts)}><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${SAML2}">` +
    each(
      parts,
      (certificate) =>
        `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    ) +
    (singleLogout
      ? `<md:SingleLogoutService Binding="${singleLogout.binding === 'redirect' ? REDIRECT : POST}" Location="${singleLogout.url}"${singleLogout.responseUrl ? ` ResponseLocation="${singleLogout.responseUrl}"` : ''}/>`
      : '') +
    `<md:NameIDFormat>${NAME_ID}:emailAddress</md:NameIDFormat><md:SingleSignOnService Binding="${POST}" Location="${ssoUrl}"/><md:SingleSignOnService Binding="${REDIRECT}" Location="${redirectUrl}"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
});

const same = (
  entityId: string,
  url: string,
  logout: { url: string; responseUrl?: string; binding?: 'redirect' | 'post' } | null,
): Published => plain(entityId, url, url, logout && { responseUrl: null, binding: 'redirect', ...logout });

export const PUBLISHED: Readonly<Record<IdpShape, Published>> = {
  entra,
  adfs,
  okta,
  google,
  keycloak,
  shibboleth,
  jumpcloud: same('JumpCloud', 'https://sso.jumpcloud.com/saml2/rollcall', null),
  onelogin: plain(
    'https://app.onelogin.com/saml/metadata/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9',
    'https://corp.onelogin.com/trust/saml2/http-post/sso/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9',
    'https://corp.onelogin.com/trust/saml2/http-redirect/sso/0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9',
    { url: 'https://corp.onelogin.com/trust/saml2/http-redirect/slo/1234567', responseUrl: null, binding: 'redirect' },
  ),
  ping: same(
    'https://auth.pingone.com/11112222-3333-4444-5555-666677778888',
    'https://auth.pingone.com/11112222-3333-4444-5555-666677778888/saml20/idp/sso',
    {
      url: 'https://auth.pingone.com/11112222-3333-4444-5555-666677778888/saml20/idp/slo',
      responseUrl: 'https://auth.pingone.com/11112222-3333-4444-5555-666677778888/saml20/idp/slo/done',
      binding: 'post',
    },
  ),
  auth0: same('urn:corp.eu.auth0.com', 'https://corp.eu.auth0.com/samlp/AbCdEfGhIjKlMnOpQrStUvWxYz012345', {
    url: 'https://corp.eu.auth0.com/samlp/AbCdEfGhIjKlMnOpQrStUvWxYz012345/logout',
  }),
  simplesamlphp: same(
    'https://simplesaml.example/simplesaml/saml2/idp/metadata.php',
    'https://simplesaml.example/simplesaml/saml2/idp/SSOService.php',
    { url: 'https://simplesaml.example/simplesaml/saml2/idp/SingleLogoutService.php' },
  ),
};

/** A federation's file. */
export const aggregate = (entities: readonly string[], attributes = ''): string =>
  `<md:EntitiesDescriptor xmlns:md="${NS_MD}"${attributes}>${entities.map(withoutProlog).join('')}</md:EntitiesDescriptor>`;

const withoutProlog = (xml: string): string =>
  xml.replace(/^\uFEFF/, '').replace(/<\?xml[^>]*\?>\s*(<!--[\s\S]*?-->)?/, '');

const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** Signs the whole document, which has an ID, as federations do. */
export function signMetadata(
  xml: string,
  key: IdpKey,
  how: { readonly method?: string; readonly digest?: string } = {},
): string {
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: how.method ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: C14N,
  });
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', C14N],
    digestAlgorithm: how.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: '/*', action: 'prepend' } });
  return signer.getSignedXml();
}
