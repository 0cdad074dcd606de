import { X509Certificate } from 'node:crypto';
import {
  samlOptionsOf,
  type Connection,
  type DeclaredSchemas,
  type Organization,
  type SamlSettings,
} from '../../organizations/connection.js';
import type { AdminToken } from '../../organizations/admin-tokens.service.js';
import type { Domain } from '../../organizations/domains.service.js';
import { fingerprintOf } from '../../organizations/check-fingerprints.js';
import type { MetadataSource } from '../../organizations/metadata-source.js';
import type { ScimToken } from '../../organizations/scim-tokens.service.js';
import type { CertificateExpiryView } from './certificate-expiry.view.js';
import type { CertificateView, ConnectionView, MetadataSourceView, SamlView } from './connection.view.js';
import type { OrganizationView } from './organization.view.js';
import type { SchemaView } from './schema.view.js';
import type { AdminTokenView, DomainView, ScimTokenView } from './token.view.js';

/** Tenants as operators see them. */

export const toOrganizationView = ({
  id,
  slug,
  name,
  roles,
  sessionLifetimeSeconds,
  sessionIdleSeconds,
}: Organization): OrganizationView => ({
  id,
  slug,
  name,
  roles,
  sessionLifetimeSeconds,
  sessionIdleSeconds,
});

/** `base`: the public address of this server. */
export function toConnectionView(
  connection: Connection,
  base: string,
  source: MetadataSource | undefined,
  certificateExpiry: readonly CertificateExpiryView[],
): ConnectionView {
  const saml = `${base}/saml/${connection.id}`;
  return {
    id: connection.id,
    name: connection.name,
    enabled: connection.enabled,
    disabledReason: connection.disabledReason,
    jit: connection.jit,
    scim: connection.scim,
    provisioning: connection.provisioning,
    attributeMapping: connection.attributeMapping,
    preset: connection.preset,
    saml: connection.saml && toSamlView(connection.saml, connection.metadataValidUntil, source),
    serviceProvider: {
      entityId: `${saml}/metadata`,
      acsUrl: `${saml}/acs`,
      sloUrl: `${saml}/slo`,
      metadataUrl: `${saml}/metadata`,
      loginUrl: `${saml}/login`,
      scimBaseUrl: `${base}/scim/v2`,
    },
    certificateExpiry,
  };
}

function toSamlView(saml: SamlSettings, validUntil: Date | null, source: MetadataSource | undefined): SamlView {
  const { idpEntityId, ssoUrl, singleLogout, certificates, ...options } = saml;
  return {
    idpEntityId,
    ssoUrl,
    singleLogout,
    ...samlOptionsOf(options),
    certificates: certificates.map(toCertificateView),
    validUntil: orNull(validUntil),
    metadata: source ? toMetadataSourceView(source) : null,
  };
}

/** A certificate that cannot be read is shown as it is stored; its connection has disabled itself. */
function toCertificateView(pem: string): CertificateView {
  try {
    const { subject, fingerprint256, validFrom, validTo } = new X509Certificate(pem);
    const instant = (text: string) => new Date(text).toISOString();
    return { subject, fingerprint: fingerprint256, notBefore: instant(validFrom), notAfter: instant(validTo), pem };
  } catch {
    return { subject: 'not readable', fingerprint: '', notBefore: '', notAfter: '', pem };
  }
}

const toMetadataSourceView = (source: MetadataSource): MetadataSourceView => ({
  url: source.url,
  signerFingerprint: source.signer && fingerprintOf(source.signer),
  lastFetchedAt: source.lastFetchedAt.toISOString(),
  lastSucceededAt: source.lastSucceededAt.toISOString(),
  lastError: source.lastError,
  nextFetchAt: source.nextFetchAt.toISOString(),
  leaving: source.leaving.map(({ certificate, since }) => ({ fingerprint: fingerprintOf(certificate), since })),
  held: source.held,
});

const orNull = (at: Date | null): string | null => at?.toISOString() ?? null;

export const toAdminTokenView = (token: AdminToken): AdminTokenView => ({
  id: token.id,
  name: token.name,
  lastFour: token.lastFour,
  createdAt: token.createdAt.toISOString(),
  expiresAt: orNull(token.expiresAt),
  lastUsedAt: orNull(token.lastUsedAt),
  revokedAt: orNull(token.revokedAt),
});

export const toScimTokenView = (token: ScimToken): ScimTokenView => ({
  ...toAdminTokenView(token),
  connectionId: token.connectionId,
  allowedAddresses: token.allowedAddresses,
  lastRefusedAt: orNull(token.lastRefusedAt),
  lastRefusedAddress: token.lastRefusedAddress,
});

export const toSchemaView = ({
  resourceType,
  required,
  schema,
}: DeclaredSchemas['extensions'][number]): SchemaView => ({
  id: schema.id,
  resourceType,
  required,
  name: schema.name,
  description: schema.description,
  attributes: schema.attributes,
});

export const toDomainView = ({
  domain,
  txtRecord,
  createdAt,
  verifiedAt,
  verifiedBy,
  connectionId,
}: Domain): DomainView => ({
  domain,
  txtRecord,
  createdAt: createdAt.toISOString(),
  verifiedAt: orNull(verifiedAt),
  verifiedBy,
  connectionId,
});
