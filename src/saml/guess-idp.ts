import type { PresetName } from '../organizations/idp-presets/presets.js';

/** A product that we know. */
export type IdpProduct = Exclude<PresetName, 'generic'>;

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

/** By its entity id and address; undefined: none that we know. */
export function guessIdp({ idpEntityId, ssoUrl }: { readonly idpEntityId: string; readonly ssoUrl: string }) {
  const address = ssoUrl.replace(/[?#].*$/, '');
  return SIGNS.find(([, sign]) => sign.test(idpEntityId) || sign.test(address))?.[0];
}
