/**
 * The discovery documents (RFC 7644 section 4, RFC 7643 sections 5 to 7). They are built from the same data the server works by, and the
 * features are arguments: the door says what it does. Nothing in them is ever null, some clients stumble over it.
 */
import type { Attribute, JsonObject, ResourceType, Schema } from './schema/attribute.js';
import { notFound, type ScimError } from './scim-error.js';
import { RESOURCE_TYPE_SCHEMA, sameUrn, SCHEMA_SCHEMA, SERVICE_PROVIDER_CONFIG_SCHEMA } from './urns.js';

export interface AuthenticationScheme {
  readonly type: 'oauth' | 'oauth2' | 'oauthbearertoken' | 'httpbasic' | 'httpdigest';
  readonly name: string;
  readonly description: string;
  readonly specUri?: string;
  readonly documentationUri?: string;
  readonly primary?: boolean;
}

export interface Features {
  readonly patch: boolean;
  /** Absent: not supported. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number };
  readonly filter: { readonly maxResults: number };
  readonly changePassword: boolean;
  readonly sort: boolean;
  readonly etag: boolean;
  /** RFC 9865 section 4. */
  readonly pagination: {
    readonly cursor: boolean;
    readonly index: boolean;
    readonly defaultPaginationMethod: 'cursor' | 'index';
    readonly defaultPageSize: number;
    readonly maxPageSize: number;
    /** Seconds. */
    readonly cursorTimeout: number;
  };
  readonly authenticationSchemes: readonly AuthenticationScheme[];
  readonly documentationUri?: string;
  /** Whether the SCIM interoperability profile is kept (its section 4); absent: not said. */
  readonly interopProfileConformant?: boolean;
}

/** `baseUrl`: the address of the SCIM service, without a slash at the end. */
export function toServiceProviderConfig(features: Features, baseUrl: string): JsonObject {
  const { bulk, documentationUri, interopProfileConformant } = features;
  return {
    schemas: [SERVICE_PROVIDER_CONFIG_SCHEMA],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: features.patch },
    bulk: {
      supported: bulk !== undefined,
      maxOperations: bulk?.maxOperations ?? 0,
      maxPayloadSize: bulk?.maxPayloadSize ?? 0,
    },
    filter: { supported: true, maxResults: features.filter.maxResults },
    changePassword: { supported: features.changePassword },
    sort: { supported: features.sort },
    etag: { supported: features.etag },
    pagination: { ...features.pagination },
    authenticationSchemes: features.authenticationSchemes.map((scheme) => ({ ...scheme })),
    ...(interopProfileConformant === undefined ? {} : { interopProfileConformant }),
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}

export function toResourceTypeDocument(resourceType: ResourceType, baseUrl: string): JsonObject {
  return {
    schemas: [RESOURCE_TYPE_SCHEMA],
    id: resourceType.id,
    name: resourceType.id,
    description: resourceType.description,
    endpoint: resourceType.endpoint,
    schema: resourceType.schema.id,
    // required: true obliges every resource to have the extension (RFC 7643 section 6).
    schemaExtensions: resourceType.extensions.map(({ id }) => ({
      schema: id,
      required: resourceType.required.includes(id),
    })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${resourceType.id}` },
  };
}

export function toSchemaDocument(schema: Schema, baseUrl: string): JsonObject {
  return {
    schemas: [SCHEMA_SCHEMA],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes.map(toAttributeDocument),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` },
  };
}

/** The resource type by its name, in any case as every name of the protocol; throws 404. */
export function findResourceType(resourceTypes: readonly ResourceType[], id: string): ResourceType {
  const found = resourceTypes.find((resourceType) => resourceType.id.toLowerCase() === id.toLowerCase());
  if (!found) throw missing('resource type');
  return found;
}

/** The schema by its URN, among those of the resource types; throws 404. */
export function findSchema(resourceTypes: readonly ResourceType[], id: string): Schema {
  const found = schemasOf(resourceTypes).find((schema) => sameUrn(schema.id, id));
  if (!found) throw missing('schema');
  return found;
}

/** Each schema once, core schemas and extensions. */
export function schemasOf(resourceTypes: readonly ResourceType[]): readonly Schema[] {
  return [...new Set(resourceTypes.flatMap(({ schema, extensions }) => [schema, ...extensions]))];
}

const missing = (what: string): ScimError => notFound(`There is no such ${what}.`);

/** The characteristics of RFC 7643 section 7, in its order. */
function toAttributeDocument(attribute: Attribute): JsonObject {
  const { canonicalValues, referenceTypes, subAttributes } = attribute;
  return {
    name: attribute.name,
    type: attribute.type,
    ...(subAttributes ? { subAttributes: subAttributes.map(toAttributeDocument) } : {}),
    multiValued: attribute.multiValued,
    description: attribute.description,
    required: attribute.required,
    ...(canonicalValues ? { canonicalValues: [...canonicalValues] } : {}),
    caseExact: attribute.caseExact,
    mutability: attribute.mutability,
    returned: attribute.returned,
    uniqueness: attribute.uniqueness,
    ...(referenceTypes ? { referenceTypes: [...referenceTypes] } : {}),
  };
}
