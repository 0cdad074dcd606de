import {
  attributeMappingShapeFault,
  faultOf,
  provisioningShapeFault,
  samlShapeFault,
  schemasShapeFault,
} from './connection-fault.js';
import {
  DEFAULT_PROVISIONING,
  DEFAULT_SAML,
  NO_SCHEMAS,
  type AttributeMapping,
  type Connection,
  type DeclaredSchemas,
  type ProvisioningSettings,
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
  preset: string | null;
  saml: unknown;
  metadata_valid_until: Date | null;
  attribute_mapping: unknown;
  declared_schemas: unknown;
  organization_roles: string[];
}

/** Columns of ConnectionRow for `connections c JOIN organizations o`. */
export const CONNECTION_COLUMNS = `c.organization_id, c.id, c.name, c.enabled, c.disabled_reason, c.jit, c.scim, c.provisioning, c.preset, c.saml,
  c.metadata_valid_until, c.attribute_mapping, c.declared_schemas, o.roles AS organization_roles`;

/**
 * A stored connection as the rooms use it. Settings written by an earlier version get the defaults of what they lack. Settings that
 * cannot be used are reported in `fault`: the connection is then to be disabled, and no other one is touched. Where not even the
 * shape is right, the defaults stand in, so that whoever gets the connection gets what its type promises.
 */
export function toConnection(row: ConnectionRow): { connection: Connection; fault: string | undefined } {
  const provisioning = withDefaults(DEFAULT_PROVISIONING, row.provisioning);
  const saml = row.saml === null ? null : withDefaults(DEFAULT_SAML, row.saml);
  const shapeless = {
    provisioning: provisioningShapeFault(provisioning),
    saml: saml === null ? undefined : samlShapeFault(saml),
    attributeMapping: attributeMappingShapeFault(row.attribute_mapping),
    schemas: row.declared_schemas === null ? undefined : schemasShapeFault(row.declared_schemas),
  };
  const connection: Connection = {
    organizationId: row.organization_id,
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    jit: row.jit,
    scim: row.scim,
    provisioning: shapeless.provisioning
      ? { ...DEFAULT_PROVISIONING, defaultRole: row.organization_roles.at(-1)! }
      : (provisioning as ProvisioningSettings),
    saml: shapeless.saml ? null : (saml as SamlSettings | null),
    preset: row.preset,
    metadataValidUntil: row.metadata_valid_until,
    attributeMapping: shapeless.attributeMapping ? {} : (row.attribute_mapping as AttributeMapping),
    schemas:
      row.declared_schemas === null || shapeless.schemas ? NO_SCHEMAS : (row.declared_schemas as DeclaredSchemas),
    organizationRoles: row.organization_roles,
  };
  const { provisioning: first, saml: second, attributeMapping: third, schemas: fourth } = shapeless;
  const fault = first ?? second ?? third ?? fourth ?? faultOf(connection);
  return { connection, fault };
}

/** What is no object is left as it is, for the check of its shape to say so. */
const withDefaults = (defaults: object, stored: unknown): unknown =>
  typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? { ...defaults, ...stored } : stored;
