import { X509Certificate } from 'node:crypto';
import {
  DEFAULT_PROVISIONING,
  DEFAULT_SAML,
  type Connection,
  type SamlSettings,
} from './connection.js';

/** A row of connections joined with the roles of its organization. */
export interface ConnectionRow {
  organization_id: string;
  id: string;
  name: string;
  enabled: boolean;
  disabled_reason: string | null;
  jit: boolean;
  scim: boolean;
  provisioning: unknown;
  saml: unknown;
  attribute_mapping: unknown;
  organization_roles: string[];
}

/** Columns of ConnectionRow for `connections c JOIN organizations o`. */
export const CONNECTION_COLUMNS = `c.organization_id, c.id, c.name, c.enabled, c.disabled_reason, c.jit, c.scim, c.provisioning, c.saml,
  c.attribute_mapping, o.roles AS organization_roles`;

/**
 * A stored connection as the rooms use it. Settings written by an earlier version get the defaults of what they lack. Settings that
 * cannot be used are reported in `fault`: the connection is then to be disabled, and no other one is touched.
 */
export function toConnection(row: ConnectionRow): { connection: Connection; fault: string | undefined } {
  const provisioning = { ...DEFAULT_PROVISIONING, ...asObject(row.provisioning) };
  const saml = row.saml === null ? null : ({ ...DEFAULT_SAML, ...asObject(row.saml) } as SamlSettings);
  const connection: Connection = {
    organizationId: row.organization_id,
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    jit: row.jit,
    scim: row.scim,
    provisioning,
    saml,
    attributeMapping: asObject(row.attribute_mapping),
    organizationRoles: row.organization_roles,
  };
  return { connection, fault: faultOf(connection) };
}

/** What makes a connection unusable; undefined when nothing does. */
export function faultOf({ saml, provisioning, organizationRoles }: Omit<Connection, 'id'>): string | undefined {
  if (!organizationRoles.includes(provisioning.defaultRole)) {
    return `provisioning.defaultRole "${provisioning.defaultRole}" is no role of the organization`;
  }
  const strangeRole = provisioning.roleMapping.find(({ role }) => !organizationRoles.includes(role));
  if (strangeRole) return `provisioning.roleMapping names "${strangeRole.role}", which is no role of the organization`;
  return saml === null ? undefined : samlFault(saml);
}

function samlFault(saml: SamlSettings): string | undefined {
  if (typeof saml.idpEntityId !== 'string' || saml.idpEntityId === '') return 'saml.idpEntityId is empty';
  if (typeof saml.ssoUrl !== 'string' || !URL.canParse(saml.ssoUrl)) return 'saml.ssoUrl is no URL';
  // Never "no certificate, no check": without a certificate nobody signs in.
  if (!Array.isArray(saml.certificates) || saml.certificates.length === 0) return 'saml.certificates is empty';
  for (const certificate of saml.certificates as unknown[]) {
    const fault = certificateFault(certificate);
    if (fault) return `saml.certificates: ${fault}`;
  }
  return undefined;
}

/** What makes a certificate unusable for verifying IdP signatures. */
export function certificateFault(pem: unknown): string | undefined {
  if (typeof pem !== 'string') return 'not a text';
  try {
    const { publicKey } = new X509Certificate(pem);
    if (publicKey.asymmetricKeyType !== 'rsa') return `the key is ${publicKey.asymmetricKeyType}, RSA is needed`;
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < 2048 ? `the RSA key has ${bits} bits, at least 2048 are needed` : undefined;
  } catch {
    return 'it is not an X.509 certificate in PEM form';
  }
}

const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
