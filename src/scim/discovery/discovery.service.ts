import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import {
  findResourceType,
  findSchema,
  schemasOf,
  toResourceTypeDocument,
  toSchemaDocument,
  toServiceProviderConfig,
} from '../protocol/discovery.js';
import type { Dialect } from '../protocol/dialect.js';
import { toListResponse } from '../protocol/list-response.js';
import type { ResourceTypes } from '../protocol/resource-types.js';
import { featuresOf } from './features.js';

const listOf = ({ User, Group }: ResourceTypes) => [User, Group];

/**
 * The discovery documents under the server's own address, each built when it is first asked for. A strict connection is told that the
 * interoperability profile is kept. Throws ScimError 404.
 */
@Injectable()
export class DiscoveryService {
  /** Of those who speak the same, and of those who have the same types; gone when the types are. */
  private readonly ofDialect = new Map<string, object>();
  private readonly ofTypes = new WeakMap<ResourceTypes, Map<string, object>>();

  constructor(
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  serviceProviderConfig(dialect: Dialect): object {
    const plain = featuresOf(this.config.scimBodyLimitBytes);
    const features = dialect === 'strict' ? { ...plain, interopProfileConformant: true } : plain;
    return this.once(this.ofDialect, dialect, (root) => toServiceProviderConfig(features, root));
  }

  resourceTypes(types: ResourceTypes): object {
    return this.once(this.documentsOf(types), 'ResourceTypes', (root) =>
      toListResponse(listOf(types).map((resourceType) => toResourceTypeDocument(resourceType, root))),
    );
  }

  resourceType(types: ResourceTypes, id: string): object {
    const resourceType = findResourceType(listOf(types), id);
    return this.once(this.documentsOf(types), resourceType.id, (root) => toResourceTypeDocument(resourceType, root));
  }

  schemas(types: ResourceTypes): object {
    return this.once(this.documentsOf(types), 'Schemas', (root) =>
      toListResponse(schemasOf(listOf(types)).map((schema) => toSchemaDocument(schema, root))),
    );
  }

  schema(types: ResourceTypes, id: string): object {
    const schema = findSchema(listOf(types), id);
    return this.once(this.documentsOf(types), schema.id, (root) => toSchemaDocument(schema, root));
  }

  private documentsOf(types: ResourceTypes): Map<string, object> {
    const documents = this.ofTypes.get(types) ?? new Map<string, object>();
    this.ofTypes.set(types, documents);
    return documents;
  }

  private once(built: Map<string, object>, name: string, build: (root: string) => object): object {
    const document = built.get(name) ?? build(this.addresses.get().root);
    built.set(name, document);
    return document;
  }
}
