/** Which product an IdP is, by its entity id and address; undefined: none that we know. */
export type IdpProduct =
  | 'entra'
  | 'okta'
  | 'google'
  | 'jumpcloud'
  | 'onelogin'
  | 'adfs'
  | 'ping'
  | 'auth0'
  | 'keycloak'
  | 'shibboleth'
  | 'simplesamlphp';

const SIGNS: readonly (readonly [IdpProduct, RegExp])[] = [
  ['entra', /^https:\/\/(sts\.windows\.net|login\.(microsoftonline|partner\.microsoftonline|microsoft)\.)/i],
  ['okta', /^https?:\/\/([^/]+\.)?(okta|oktapreview|okta-emea)\.com\//i],
  ['google', /^https:\/\/accounts\.google\.com\/o\/saml2/i],
  ['jumpcloud', /^https:\/\/[^/]*\bjumpcloud\.com\//i],
  ['onelogin', /^https:\/\/[^/]*\bonelogin\.com\//i],
  ['ping', /^https:\/\/[^/]*\b(pingone|pingidentity)\.[^/]+\/|\/idp\/SSO\.saml2$/i],
  ['auth0', /^urn:[^:]+\.auth0\.com$|^https:\/\/[^/]+\/samlp\/\w+$/i],
  ['adfs', /\/adfs\/(ls\b|services\/trust)/i],
  ['keycloak', /\/realms\/[^/]+(\/protocol\/saml)?$/i],
  ['shibboleth', /\/idp\/(shibboleth$|profile\/SAML2\/)/i],
  ['simplesamlphp', /\/saml2\/idp\/(metadata|SSOService)\.php|\/module\.php\/saml\/idp\//i],
];

export function guessIdp({ idpEntityId, ssoUrl }: { readonly idpEntityId: string; readonly ssoUrl: string }) {
  const address = ssoUrl.replace(/[?#].*$/, '');
  return SIGNS.find(([, sign]) => sign.test(idpEntityId) || sign.test(address))?.[0];
}

export const IDP_NAMES: Readonly<Record<IdpProduct, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  google: 'Google Workspace',
  jumpcloud: 'JumpCloud',
  onelogin: 'OneLogin',
  adfs: 'AD FS',
  ping: 'PingOne or PingFederate',
  auth0: 'Auth0',
  keycloak: 'Keycloak',
  shibboleth: 'Shibboleth',
  simplesamlphp: 'SimpleSAMLphp',
};
