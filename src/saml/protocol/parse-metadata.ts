/**
 * IdP metadata (SAML 2.0 metadata) -> the settings of a connection. The document comes from an administrator or a URL and is trusted
 * as little as any other: a strict look first (narrow-metadata), then only what is understood is taken.
 */
import { parseCertificates, CertificateError } from './parse-certificates.js';
import { BINDING_POST, BINDING_REDIRECT, NS } from './names.js';
import { parseDuration } from './parse-duration.js';
import { attributeOf, childrenOf, is, named, parseInstant, parseXml, textOf } from './xml.js';

export type Binding = 'redirect' | 'post';

export interface IdpMetadata {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly requestBinding: Binding;
  readonly wantAuthnRequestsSigned: boolean;
  readonly singleLogout: {
    readonly url: string;
    /** Where answers to the IdP's own requests go; null: to `url` as well. */
    readonly responseUrl: string | null;
    readonly binding: Binding;
  } | null;
  /** PEM, at most four. */
  readonly certificates: readonly string[];
  /** The earliest of the entity, its role and everything around it. */
  readonly validUntil: Date | undefined;
  /** The shortest one, in seconds. */
  readonly cacheDuration: number | undefined;
}

/** Says what to do about it; may be shown to an operator. `candidates`: entity IDs to choose from. */
export class MetadataError extends Error {
  constructor(
    readonly detail: string,
    readonly candidates: readonly string[] = [],
  ) {
    super(detail);
    this.name = 'MetadataError';
  }
}

/** The IdP roles of one entity, in what stands around them: what `narrowMetadata` leaves of a document. */
export class NarrowMetadata {
  constructor(readonly xml: string) {}
}

export interface MetadataOptions {
  readonly now: Date;
  /** http addresses of this computer, for development. */
  readonly allowLoopbackHttp?: boolean;
  /** Taken where the IdP offers it; redirect when absent. */
  readonly binding?: Binding;
}

export const MAX_METADATA_BYTES = 1024 * 1024;
const MAX_CERTIFICATES = 4;
/** Those that are understood, the preferred first. */
const BINDINGS: readonly (readonly [Binding, string])[] = [
  ['redirect', BINDING_REDIRECT],
  ['post', BINDING_POST],
];

/** Throws MetadataError. */
export function parseIdpMetadata({ xml }: NarrowMetadata, options: MetadataOptions): IdpMetadata {
  const root = parseXml(xml);
  if (!root) throw new MetadataError('The metadata is not well-formed XML');
  const entity = entityIn(root);
  const entityId = attributeOf(entity, 'entityID') ?? '';
  if (entityId === '' || entityId.length > 1024)
    throw new MetadataError('The entityID is missing or longer than 1024 characters');
  const role = idpRole(entity);
  const around = [role, ...ancestors(role)];
  const validUntil = earliest(around);
  if (validUntil && validUntil <= options.now)
    throw new MetadataError(`The metadata expired on ${validUntil.toISOString()}`);
  const sso = singleSignOn(role, options);
  return {
    entityId,
    ssoUrl: sso.url,
    requestBinding: sso.binding,
    wantAuthnRequestsSigned: ['true', '1'].includes(attributeOf(role, 'WantAuthnRequestsSigned') ?? ''),
    singleLogout: singleLogout(role, options),
    certificates: signingCertificates(role),
    validUntil,
    cacheDuration: shortest(around),
  };
}

/** The only child of what is around it. */
function entityIn(element: Element): Element {
  return is(element, NS.metadata, 'EntityDescriptor') ? element : entityIn(childrenOf(element)[0]!);
}

function ancestors(element: Element): Element[] {
  const above = element.parentNode;
  return above?.nodeType === 1 ? [above as Element, ...ancestors(above as Element)] : [];
}

function idpRole(entity: Element): Element {
  const roles = named(entity, NS.metadata, 'IDPSSODescriptor').filter((role) =>
    (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(NS.protocol),
  );
  if (roles.length !== 1) throw new MetadataError('The metadata must describe exactly one SAML 2.0 IdP role');
  return roles[0]!;
}

const endpoints = (role: Element, name: string, wanted: string): Element[] =>
  named(role, NS.metadata, name).filter((one) => attributeOf(one, 'Binding') === wanted);

function singleSignOn(role: Element, options: MetadataOptions): { readonly url: string; readonly binding: Binding } {
  const byPreference = [...BINDINGS].sort(([left], [right]) => rank(left, options) - rank(right, options));
  for (const [binding, urn] of byPreference) {
    const [endpoint] = endpoints(role, 'SingleSignOnService', urn);
    if (endpoint) return { url: checkUrl(attributeOf(endpoint, 'Location'), options), binding };
  }
  throw new MetadataError('The IdP offers no SingleSignOnService with the HTTP-Redirect or HTTP-POST binding');
}

const rank = (binding: Binding, { binding: preferred }: MetadataOptions): number => (binding === preferred ? 0 : 1);

/** Over SOAP alone there is none for us: we speak through the browser. */
function singleLogout(role: Element, options: MetadataOptions): IdpMetadata['singleLogout'] {
  for (const [binding, urn] of BINDINGS) {
    const [endpoint] = endpoints(role, 'SingleLogoutService', urn);
    if (!endpoint) continue;
    const responses = attributeOf(endpoint, 'ResponseLocation');
    return {
      url: checkUrl(attributeOf(endpoint, 'Location'), options),
      responseUrl: responses === undefined ? null : checkUrl(responses, options),
      binding,
    };
  }
  return null;
}

function checkUrl(text: string | undefined, { allowLoopbackHttp }: MetadataOptions): string {
  const url = text !== undefined && text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined;
  const loopback =
    allowLoopbackHttp && url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!url || !(url.protocol === 'https:' || loopback) || url.username || url.password || url.hash) {
    throw new MetadataError(`The address "${text?.slice(0, 200) ?? ''}" must be https, without user name and fragment`);
  }
  return text!;
}

function signingCertificates(role: Element): string[] {
  const keys = named(role, NS.metadata, 'KeyDescriptor').filter((key) => {
    const use = attributeOf(key, 'use');
    return use === undefined || use === 'signing';
  });
  const texts = keys.flatMap((key) =>
    named(key, NS.signature, 'KeyInfo')
      .flatMap((info) => named(info, NS.signature, 'X509Data'))
      // The first certificate is the key's; what follows is its chain.
      .flatMap((data) => named(data, NS.signature, 'X509Certificate').slice(0, 1))
      .flatMap((certificate) => textOf(certificate) ?? []),
  );
  if (texts.length === 0) throw new MetadataError('The metadata has no signing certificate');
  const different = [...new Set(texts.map((text) => text.replace(/\s+/g, '')))];
  if (different.length > MAX_CERTIFICATES)
    throw new MetadataError(`The IdP has more than ${MAX_CERTIFICATES} signing certificates`);
  return usable(different);
}

/** An IdP may publish a key of another kind beside the one that we verify with; without it the document says all the same. */
function usable(texts: readonly string[]): string[] {
  const certificates = new Set<string>();
  const faults: string[] = [];
  for (const text of texts) {
    try {
      for (const certificate of parseCertificates(text)) certificates.add(certificate);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      faults.push(error.message);
    }
  }
  if (certificates.size === 0) throw new MetadataError(`No signing certificate can be used: ${faults.join('; ')}`);
  return [...certificates];
}

function earliest(elements: readonly Element[]): Date | undefined {
  const instants = elements.flatMap((element) => {
    const text = attributeOf(element, 'validUntil');
    if (text === undefined) return [];
    const instant = parseInstant(text);
    if (!instant) throw new MetadataError(`validUntil "${text.slice(0, 40)}" is not an instant in UTC`);
    return [instant];
  });
  return instants.sort((left, right) => left.getTime() - right.getTime())[0];
}

/** What cannot be read says nothing: it is a hint of how often to look, and never extends trust. */
function shortest(elements: readonly Element[]): number | undefined {
  const durations = elements.flatMap((element) => parseDuration(attributeOf(element, 'cacheDuration') ?? '') ?? []);
  return durations.length === 0 ? undefined : Math.min(...durations);
}
