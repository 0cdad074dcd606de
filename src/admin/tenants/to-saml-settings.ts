import { DEFAULT_SAML, type SamlSettings } from '../../organizations/connection.js';
import { CertificateError, parseCertificates } from '../../saml/protocol/parse-certificates.js';
import { parseIdpMetadata } from '../../saml/protocol/parse-metadata.js';
import type { ConfigureSamlBody } from '../bodies/saml.body.js';
import { AdminProblem } from '../http/admin-problem.js';

type Idp = Pick<SamlSettings, 'idpEntityId' | 'ssoUrl' | 'certificates'>;

/**
 * The SAML settings an operator asks for: the IdP from its metadata or by hand, options that are not given as they were. Throws
 * AdminProblem, MetadataError.
 */
export function toSamlSettings(
  body: ConfigureSamlBody,
  current: SamlSettings | null,
  { now, ownOrigin }: { readonly now: Date; readonly ownOrigin: string },
): SamlSettings {
  const idp = body.metadataXml === undefined ? byHand(body) : fromMetadata(body, body.metadataXml, now);
  // People are recognised by (connection, subject): another IdP could name the subjects of this one.
  if (current && current.idpEntityId !== idp.idpEntityId && !body.replaceIdp) {
    const detail = `The connection belongs to the IdP ${current.idpEntityId}; to give it to ${idp.idpEntityId}, say replaceIdp.`;
    throw new AdminProblem(409, 'other-idp', detail);
  }
  // We would send browsers to ourselves, in circles.
  if (URL.canParse(idp.ssoUrl) && new URL(idp.ssoUrl).origin === ownOrigin) {
    throw invalid('ssoUrl', 'ssoUrl is an address of this server, not of the IdP');
  }
  const { wantSigned, allowIdpInitiated, forceAuthn, clockSkewSeconds, maxElements } = { ...DEFAULT_SAML, ...current };
  return {
    ...idp,
    wantSigned: body.wantSigned ?? wantSigned,
    allowIdpInitiated: body.allowIdpInitiated ?? allowIdpInitiated,
    forceAuthn: body.forceAuthn ?? forceAuthn,
    clockSkewSeconds: body.clockSkewSeconds ?? clockSkewSeconds,
    maxElements: body.maxElements ?? maxElements,
  };
}

function fromMetadata({ idpEntityId, ssoUrl, certificates }: ConfigureSamlBody, xml: string, now: Date): Idp {
  if (ssoUrl !== undefined || certificates !== undefined) {
    throw invalid('metadataXml', 'either metadataXml or ssoUrl and certificates, not both');
  }
  // What the metadata says of the address is judged by the settings, which also know the loopback.
  const options = { now, allowLoopbackHttp: true, ...(idpEntityId === undefined ? {} : { entityId: idpEntityId }) };
  const metadata = parseIdpMetadata(xml, options);
  return { idpEntityId: metadata.entityId, ssoUrl: metadata.ssoUrl, certificates: metadata.certificates };
}

function byHand({ idpEntityId, ssoUrl, certificates }: ConfigureSamlBody): Idp {
  if (idpEntityId === undefined) throw invalid('idpEntityId', 'idpEntityId is needed, or metadataXml');
  if (ssoUrl === undefined) throw invalid('ssoUrl', 'ssoUrl is needed, or metadataXml');
  if (certificates === undefined) throw invalid('certificates', 'certificates is needed, or metadataXml');
  try {
    return { idpEntityId, ssoUrl, certificates: [...new Set(certificates.flatMap(parseCertificates))] };
  } catch (error) {
    if (error instanceof CertificateError)
      throw invalid('certificates', `A certificate cannot be used: ${error.message}`);
    throw error;
  }
}

const invalid = (field: string, detail: string) =>
  new AdminProblem(422, 'invalid', `${detail}.`, { errors: [{ pointer: `#/${field}`, detail }] });
