import { fingerprintFault } from '../../organizations/check-fingerprints.js';
import { DEFAULT_SAML, samlOptionsOf, type Connection, type SamlSettings } from '../../organizations/connection.js';
import type { FetchedMetadata, IdpOrigin, WantedIdp } from '../../organizations/idp-metadata.service.js';
import { presetNamed } from '../../organizations/idp-presets/presets.js';
import { ownAddressIn } from '../../organizations/own-address.js';
import { readIdpMetadata } from '../../organizations/read-idp-metadata.js';
import { CertificateError, parseCertificates } from '../../saml/protocol/parse-certificates.js';
import type { NarrowMetadata } from '../../saml/protocol/parse-metadata.js';
import type { ConfigureSamlBody } from '../bodies/saml.body.js';
import { AdminProblem } from '../http/admin-problem.js';

export interface Surroundings {
  readonly now: Date;
  readonly ownOrigin: string;
  /** What is at `metadataUrl`. */
  readonly fetched: FetchedMetadata | undefined;
  /** What the metadata say of the IdP, fetched or uploaded; undefined where there are none. */
  readonly document: NarrowMetadata | undefined;
}

/** What goes together of what an operator says, before anything is fetched or read. Throws AdminProblem. */
export function demandOneOrigin({
  metadataUrl,
  metadataXml,
  ssoUrl,
  certificates,
  singleLogout,
  metadataSigner,
  ignoreValidUntil,
}: ConfigureSamlBody): void {
  if (metadataUrl === undefined && metadataXml === undefined) {
    for (const [name, value] of Object.entries({ metadataSigner, ignoreValidUntil })) {
      if (value !== undefined) throw invalid(name, `${name} needs metadataUrl or metadataXml with it`);
    }
    return;
  }
  if (metadataUrl !== undefined && metadataXml !== undefined) {
    throw invalid('metadataUrl', 'either metadataUrl or metadataXml, not both');
  }
  if (ssoUrl !== undefined || certificates !== undefined || singleLogout !== undefined) {
    const detail = 'either metadata or ssoUrl, certificates and singleLogout, not both';
    throw invalid(metadataUrl === undefined ? 'metadataXml' : 'metadataUrl', detail);
  }
  if (metadataUrl !== undefined && ignoreValidUntil) {
    throw invalid('ignoreValidUntil', 'ignoreValidUntil is for documents that nobody renews; a metadataUrl is renewed');
  }
}

/** The certificate that must have signed the metadata (PEM); undefined: nobody has to. Throws AdminProblem. */
export const signerOf = ({ metadataSigner }: ConfigureSamlBody): string | undefined =>
  metadataSigner === undefined ? undefined : onlyOne(metadataSigner);

/** What is said of the IdP, and the options that it implies. */
type Idp = Pick<SamlSettings, 'idpEntityId' | 'ssoUrl' | 'certificates' | 'singleLogout'> &
  Partial<Pick<SamlSettings, 'requestBinding' | 'signRequests'>>;
interface FoundIdp {
  readonly idp: Idp;
  readonly origin: IdpOrigin | undefined;
}

/**
 * What an operator asks for: the IdP by its metadata at an address, by a document or by hand; what is not given stays as it was. Throws
 * AdminProblem, MetadataError.
 */
export function toWantedIdp(
  body: ConfigureSamlBody,
  { saml: current, preset }: Pick<Connection, 'saml' | 'preset'>,
  around: Surroundings,
): WantedIdp {
  const { idp, origin } = found(body, current, around);
  // People are recognised by (connection, subject): another IdP could name the subjects of this one.
  if (current && current.idpEntityId !== idp.idpEntityId && !body.replaceIdp) {
    const detail = `The connection belongs to the IdP ${current.idpEntityId}; to give it to ${idp.idpEntityId}, say replaceIdp.`;
    throw new AdminProblem(409, 'other-idp', detail);
  }
  const own = ownAddressIn(idp, around.ownOrigin);
  if (own !== undefined) throw invalid(own, `${own} is an address of this server, not of the IdP`);
  const fault = body.fingerprints && fingerprintFault(idp.certificates, body.fingerprints);
  if (fault !== undefined) throw invalid('fingerprints', fault);
  const before = samlOptionsOf(current ?? presetNamed(preset).saml);
  const saml = { ...DEFAULT_SAML, ...before, ...idp, ...samlOptionsOf(body) };
  return { saml, origin };
}

function found(body: ConfigureSamlBody, current: SamlSettings | null, around: Surroundings): FoundIdp {
  const { metadataUrl } = body;
  const { document } = around;
  if (document !== undefined) return fromMetadata(body, document, current, around);
  if (metadataUrl !== undefined) throw new Error('metadataUrl was not fetched');
  const given = [body.idpEntityId, body.ssoUrl, body.certificates, body.singleLogout];
  if (current && given.every((value) => value === undefined)) return { idp: current, origin: undefined };
  return { idp: byHand(body, current), origin: { validUntil: null, cacheDuration: undefined, fetched: undefined } };
}

function fromMetadata(
  body: ConfigureSamlBody,
  document: NarrowMetadata,
  current: SamlSettings | null,
  { now, ownOrigin, fetched }: Surroundings,
): FoundIdp {
  const { metadataUrl, ignoreValidUntil = false } = body;
  const binding = body.requestBinding ?? current?.requestBinding ?? DEFAULT_SAML.requestBinding;
  const metadata = readIdpMetadata(document, { binding, now, ownOrigin });
  if (body.requestBinding !== undefined && metadata.requestBinding !== body.requestBinding) {
    throw invalid('requestBinding', 'the IdP offers no single sign-on with this binding');
  }
  const { cacheDuration } = metadata;
  const validUntil = ignoreValidUntil ? null : (metadata.validUntil ?? null);
  const signer = signerOf(body) ?? null;
  const source = metadataUrl === undefined || !fetched ? undefined : { url: metadataUrl, signer, document: fetched };
  return {
    idp: {
      idpEntityId: metadata.entityId,
      ssoUrl: metadata.ssoUrl,
      certificates: metadata.certificates,
      singleLogout: metadata.singleLogout,
      requestBinding: metadata.requestBinding,
      ...(metadata.wantAuthnRequestsSigned ? { signRequests: true } : {}),
    },
    origin: { validUntil, cacheDuration, fetched: source },
  };
}

function onlyOne(text: string): string {
  const [signer, ...more] = parsed([text], 'metadataSigner');
  if (signer === undefined || more.length > 0)
    throw invalid('metadataSigner', 'metadataSigner must be one certificate');
  return signer;
}

/** Of another IdP nothing stays. */
function byHand(body: ConfigureSamlBody, current: SamlSettings | null): Idp {
  const idpEntityId = body.idpEntityId ?? current?.idpEntityId;
  if (idpEntityId === undefined) throw invalid('idpEntityId', 'idpEntityId is needed, or metadata');
  const known = current?.idpEntityId === idpEntityId ? current : undefined;
  const ssoUrl = body.ssoUrl ?? known?.ssoUrl;
  if (ssoUrl === undefined) throw invalid('ssoUrl', 'ssoUrl is needed, or metadata');
  const { certificates: given } = body;
  const certificates = given === undefined ? known?.certificates : parsed(given, 'certificates');
  if (certificates === undefined) throw invalid('certificates', 'certificates is needed, or metadata');
  return { idpEntityId, ssoUrl, certificates, singleLogout: logoutOf(body, known) };
}

function logoutOf({ singleLogout }: ConfigureSamlBody, known: SamlSettings | undefined): Idp['singleLogout'] {
  if (singleLogout === undefined) return known?.singleLogout ?? null;
  if (singleLogout === null) return null;
  const { url, responseUrl, binding } = singleLogout;
  return { url, responseUrl: responseUrl ?? null, binding: binding ?? 'redirect' };
}

function parsed(certificates: readonly string[], field: string): string[] {
  try {
    return [...new Set(certificates.flatMap(parseCertificates))];
  } catch (error) {
    if (error instanceof CertificateError) throw invalid(field, `A certificate cannot be used: ${error.message}`);
    throw error;
  }
}

const invalid = (field: string, detail: string) =>
  new AdminProblem(422, 'invalid', `${detail}.`, { errors: [{ pointer: `#/${field}`, detail }] });
