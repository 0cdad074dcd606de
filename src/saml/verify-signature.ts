import { SAML } from '@node-saml/node-saml';
import type { SamlSettings } from '../organizations/connection.js';
import { reject, type SamlRejection } from './protocol/saml-rejection.js';

/** Where node-saml wants an address or a name that it never compares with anything in the way we use it. */
export interface SpNames {
  readonly entityId: string;
  readonly acsUrl: string;
}

/**
 * node-saml as the signature engine and nothing else: it says whether one of the connection's certificates signed the assertion, and
 * gives the bytes that are covered. Audience, times, InResponseTo and identity are judged by validateAssertion over those bytes, with
 * our clock. Throws when the settings cannot make a verifier; the caller disables the connection then.
 */
export async function verifySignature(
  response: string,
  settings: SamlSettings,
  sp: SpNames,
): Promise<string | SamlRejection> {
  const engine = new SAML({
    callbackUrl: sp.acsUrl,
    issuer: sp.entityId,
    idpCert: [...settings.certificates],
    entryPoint: settings.ssoUrl,
    audience: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: 'never' as never,
    wantAssertionsSigned: settings.wantSigned === 'assertion' || settings.wantSigned === 'both',
    wantAuthnResponseSigned: settings.wantSigned === 'response' || settings.wantSigned === 'both',
  });
  try {
    const { profile } = await engine.validatePostResponseAsync({
      SAMLResponse: Buffer.from(response).toString('base64'),
    });
    const assertionXml = profile?.getAssertionXml?.();
    if (!assertionXml) return reject('signature-invalid', 'no assertion is covered by a signature');
    return assertionXml;
  } catch (error) {
    return toRejection(error instanceof Error ? error.message.slice(0, 200) : 'unknown', settings);
  }
}

/** The library refuses a few more things than signatures; the operator should not look for a certificate then. */
function toRejection(got: string, { wantSigned }: SamlSettings): SamlRejection {
  if (/notbefore|notonorafter/i.test(got))
    return reject('time-malformed', 'NotBefore and NotOnOrAfter are there and instants', got);
  return reject('signature-invalid', `a signature by a certificate of the connection (${wantSigned})`, got);
}
