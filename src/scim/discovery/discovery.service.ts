import { Inject, Injectable } from '@nestjs/common';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import {
  findResourceType,
  findSchema,
  schemasOf,
  toResourceTypeDocument,
  toSchemaDocument,
  toServiceProviderConfig,
} from '../protocol/discovery.js';
import { toListResponse } from '../protocol/list-response.js';
import { GROUP, USER } from '../protocol/resource-types.js';
import { FEATURES } from './features.js';

const RESOURCE_TYPES = [USER, GROUP];

/** The discovery documents under the server's own address, each built when it is first asked for. Throws ScimError 404. */
@Injectable()
export class DiscoveryService {
  private readonly built = new Map<string, object>();

  constructor(@Inject(ScimAddresses) private readonly addresses: ScimAddresses) {}

  serviceProviderConfig(): object {
    return this.once('ServiceProviderConfig', (root) => toServiceProviderConfig(FEATURES, root));
  }

  resourceTypes(): object {
    return this.once('ResourceTypes', (root) =>
      toListResponse(RESOURCE_TYPES.map((resourceType) => toResourceTypeDocument(resourceType, root))),
    );
  }

  resourceType(id: string): object {
    const resourceType = findResourceType(RESOURCE_TYPES, id);
    return this.once(resourceType.id, (root) => toResourceTypeDocument(resourceType, root));
  }

  schemas(): object {
    return this.once('Schemas', (root) =>
      toListResponse(schemasOf(RESOURCE_TYPES).map((schema) => toSchemaDocument(schema, root))),
    );
  }

  schema(id: string): object {
    const schema = findSchema(RESOURCE_TYPES, id);
    return this.once(schema.id, (root) => toSchemaDocument(schema, root));
  }

  private once(name: string, build: (root: string) => object): object {
    const document = this.built.get(name) ?? build(this.addresses.get().root);
    this.built.set(name, document);
    return document;
  }
}
