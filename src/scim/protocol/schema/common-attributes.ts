/** The attributes every resource has (RFC 7643 sections 3 and 3.1). They belong to no schema and are not published under /Schemas. */
import type { Attribute } from './attribute.js';
import { attribute, complex, reference } from './define-attribute.js';

const readOnly = { mutability: 'readOnly' } as const;

export const COMMON_ATTRIBUTES: readonly Attribute[] = [
  // Compared without case, unlike other URIs: the values are schema URNs (RFC 7644 section 3.10).
  // readOnly, because the server derives the list from what the resource holds.
  reference('schemas', 'URNs of the schemas that the resource makes use of.', ['uri'], {
    ...readOnly,
    multiValued: true,
    required: true,
    caseExact: false,
    returned: 'always',
  }),
  attribute('id', 'Identifier issued by this server; it never changes and is never issued again.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'global',
  }),
  attribute('externalId', 'Identifier issued by the provisioning client for its own use.', { caseExact: true }),
  complex(
    'meta',
    'What the server records about the resource itself.',
    [
      attribute('resourceType', 'Name of the resource type.', { ...readOnly, caseExact: true }),
      attribute('created', 'When the resource was added.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When the resource was last changed.', { ...readOnly, type: 'dateTime' }),
      reference('location', 'Address of the resource.', ['uri'], readOnly),
      attribute('version', 'Version of the resource, equal to its entity tag.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
];
