import { SAML } from '@node-saml/node-saml';
import type { SamlSettings } from '../organizations/connection.js';
import type { SpNames } from './verify-signature.js';

/**
 * The address at the IdP that a sign-in starts with (redirect binding). No RequestedAuthnContext, which breaks multi-factor sign-ins
 * at Entra and AD FS; no NameIDPolicy format, which some IdPs refuse; RelayState must be base64url.
 */
export async function buildAuthnRequest(
  settings: SamlSettings,
  sp: SpNames,
  request: { readonly id: string; readonly relayState: string },
): Promise<string> {
  const engine = new SAML({
    callbackUrl: sp.acsUrl,
    issuer: sp.entityId,
    idpCert: [...settings.certificates],
    entryPoint: settings.ssoUrl,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    forceAuthn: settings.forceAuthn,
    generateUniqueId: () => request.id,
  });
  return engine.getAuthorizeUrlAsync(request.relayState, undefined, {});
}
