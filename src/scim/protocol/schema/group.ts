/** The core Group schema (RFC 7643 sections 4.2 and 8.7.1). */
import type { Schema } from './attribute.js';
import { attribute, multiValued, reference } from './define-attribute.js';
import { GROUP_SCHEMA } from '../urns.js';

const immutable = { mutability: 'immutable' } as const;

export const GROUP: Schema = {
  id: GROUP_SCHEMA,
  name: 'Group',
  description: 'A named set of people',
  attributes: [
    // "A human-readable name for the Group. REQUIRED." (RFC 7643 section 4.2; the JSON of section 8.7.1 has it wrong.)
    attribute('displayName', 'Name of the group, unique in the organization unless its connection allows otherwise.', {
      required: true,
      uniqueness: 'server',
    }),
    multiValued('members', 'The people in the group.', [
      attribute('value', 'Identifier of the member.', immutable),
      reference('$ref', 'Address of the member.', ['User'], immutable),
      // Readable only: it is the member's own display name, whatever the client calls the person.
      attribute('display', "The member's name.", { mutability: 'readOnly' }),
      attribute('type', 'Kind of the member. Groups do not nest.', { ...immutable, canonicalValues: ['User'] }),
    ]),
  ],
};
