import { fingerprintFault } from '../../organizations/check-fingerprints.js';
import { DEFAULT_SAML, samlOptionsOf, type SamlSettings } from '../../organizations/connection.js';
import { ownAddressIn } from '../../organizations/own-address.js';
import { CertificateError, parseCertificates } from '../../saml/protocol/parse-certificates.js';
import { parseIdpMetadata } from '../../saml/protocol/parse-metadata.js';
import type { ConfigureSamlBody } from '../bodies/saml.body.js';
import { AdminProblem } from '../http/admin-problem.js';

/** What an import says of the IdP, and the options that it implies. */
type Idp = Pick<SamlSettings, 'idpEntityId' | 'ssoUrl' | 'certificates' | 'singleLogout'> &
  Partial<Pick<SamlSettings, 'requestBinding' | 'signRequests'>>;

/**
 * The SAML settings an operator asks for: the IdP from its metadata or by hand; what is not given stays as it was. Throws AdminProblem,
 * MetadataError.
 */
export function toSamlSettings(
  body: ConfigureSamlBody,
  current: SamlSettings | null,
  { now, ownOrigin }: { readonly now: Date; readonly ownOrigin: string },
): SamlSettings {
  const idp =
    body.metadataXml === undefined ? byHand(body, current) : fromMetadata(body, body.metadataXml, current, now);
  // People are recognised by (connection, subject): another IdP could name the subjects of this one.
  if (current && current.idpEntityId !== idp.idpEntityId && !body.replaceIdp) {
    const detail = `The connection belongs to the IdP ${current.idpEntityId}; to give it to ${idp.idpEntityId}, say replaceIdp.`;
    throw new AdminProblem(409, 'other-idp', detail);
  }
  const own = ownAddressIn(idp, ownOrigin);
  if (own !== undefined) throw invalid(own, `${own} is an address of this server, not of the IdP`);
  const fault = body.fingerprints && fingerprintFault(idp.certificates, body.fingerprints);
  if (fault !== undefined) throw invalid('fingerprints', fault);
  return { ...DEFAULT_SAML, ...samlOptionsOf(current ?? {}), ...idp, ...samlOptionsOf(body) };
}

function fromMetadata(body: ConfigureSamlBody, xml: string, current: SamlSettings | null, now: Date): Idp {
  if (body.ssoUrl !== undefined || body.certificates !== undefined || body.singleLogout !== undefined) {
    throw invalid('metadataXml', 'either metadataXml or ssoUrl, certificates and singleLogout, not both');
  }
  const { idpEntityId } = body;
  // What the metadata says of the address is judged by the settings, which also know the loopback.
  const preferred = body.requestBinding ?? current?.requestBinding ?? DEFAULT_SAML.requestBinding;
  const entity = idpEntityId === undefined ? {} : { entityId: idpEntityId };
  const metadata = parseIdpMetadata(xml, { now, allowLoopbackHttp: true, binding: preferred, ...entity });
  if (body.requestBinding !== undefined && metadata.requestBinding !== body.requestBinding) {
    throw invalid('requestBinding', 'the IdP offers no single sign-on with this binding');
  }
  return {
    idpEntityId: metadata.entityId,
    ssoUrl: metadata.ssoUrl,
    certificates: metadata.certificates,
    singleLogout: metadata.singleLogout,
    requestBinding: metadata.requestBinding,
    ...(metadata.wantAuthnRequestsSigned ? { signRequests: true } : {}),
  };
}

/** Of another IdP nothing stays. */
function byHand(body: ConfigureSamlBody, current: SamlSettings | null): Idp {
  const idpEntityId = body.idpEntityId ?? current?.idpEntityId;
  if (idpEntityId === undefined) throw invalid('idpEntityId', 'idpEntityId is needed, or metadataXml');
  const known = current?.idpEntityId === idpEntityId ? current : undefined;
  const ssoUrl = body.ssoUrl ?? known?.ssoUrl;
  if (ssoUrl === undefined) throw invalid('ssoUrl', 'ssoUrl is needed, or metadataXml');
  const certificates = body.certificates === undefined ? known?.certificates : parsed(body.certificates);
  if (certificates === undefined) throw invalid('certificates', 'certificates is needed, or metadataXml');
  return { idpEntityId, ssoUrl, certificates, singleLogout: logoutOf(body, known) };
}

function logoutOf({ singleLogout }: ConfigureSamlBody, known: SamlSettings | undefined): Idp['singleLogout'] {
  if (singleLogout === undefined) return known?.singleLogout ?? null;
  if (singleLogout === null) return null;
  const { url, responseUrl, binding } = singleLogout;
  return { url, responseUrl: responseUrl ?? null, binding: binding ?? 'redirect' };
}

function parsed(certificates: readonly string[]): string[] {
  try {
    return [...new Set(certificates.flatMap(parseCertificates))];
  } catch (error) {
    if (error instanceof CertificateError)
      throw invalid('certificates', `A certificate cannot be used: ${error.message}`);
    throw error;
  }
}

const invalid = (field: string, detail: string) =>
  new AdminProblem(422, 'invalid', `${detail}.`, { errors: [{ pointer: `#/${field}`, detail }] });
