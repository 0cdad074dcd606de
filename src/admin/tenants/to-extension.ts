import type { DeclaredSchemas } from '../../organizations/connection.js';
import { toAttribute } from '../../scim/protocol/schema/extension.js';
import type { DeclareSchemaBody } from '../bodies/schema.body.js';

/** A declaration as the extension it means; whether that may be is not asked here. */
export const toExtension = (urn: string, body: DeclareSchemaBody): DeclaredSchemas['extensions'][number] => ({
  resourceType: body.resourceType,
  required: body.required ?? false,
  schema: {
    id: urn,
    name: body.name,
    description: body.description ?? body.name,
    attributes: body.attributes.map(toAttribute),
  },
});
