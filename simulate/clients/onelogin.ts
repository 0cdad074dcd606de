import { asText } from '../as-text.js';
import { ENTERPRISE, writeLeaves, type Leaf } from '../protocol/attributes.js';
import type { Json } from '../http/transport.js';
import { addMembers, formEquals, patchBody, removeByValue } from './bodies.js';
import type { Profile } from './profile.js';

/**
 * OneLogin: bodies from a template an administrator edits, with URNs that are not those of the standard, `active` as text and nulls;
 * addresses that end with `&` or `?`.
 */

const SCHEMAS = ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'];

function template(leaves: readonly Leaf[], id: string | null): Json {
  const isOwn = ({ path }: Leaf) => path.startsWith(ENTERPRISE);
  const own = leaves.filter(isOwn).map(({ name, value }) => [name, value ?? null]);
  const standard = leaves.filter((leaf) => !isOwn(leaf) && leaf.value !== undefined);
  const document = writeLeaves({ schemas: SCHEMAS, id, title: null }, standard);
  return { ...document, active: asText(document['active'] ?? true), [SCHEMAS[1]!]: Object.fromEntries(own) as Json };
}

export const onelogin: Profile = {
  name: 'onelogin',
  title: 'OneLogin: PUT from a template with foreign URNs',
  headers: { 'content-type': 'application/scim+json', 'user-agent': '' },
  probe: [`/Users?filter=${formEquals('userName', 'onelogin-test-user01')}&`],
  pageSize: 100,
  attributes: ['userName', 'externalId', 'givenName', 'familyName', 'email', 'displayName', 'phone', 'active'],
  users: {
    looksUpFirst: true,
    lookUp: ({ userName }) => `/Users?filter=${formEquals('userName', userName)}&`,
    create: (leaves) => template(leaves, null),
    suffix: '?',
    readsFirst: true,
    update: { method: 'PUT', body: (leaves, id) => template(leaves, id) },
    leaving: 'deactivate',
    deletes: true,
    clears: true,
    looksUpAfterLoss: false,
  },
  groups: {
    readsAll: true,
    looksUpFirst: true,
    create: ({ displayName }) => ({ schemas: [SCHEMAS[0]], displayName }),
    sendsExternalId: false,
    suffix: '?',
    rename: {
      method: 'PATCH',
      body: ({ displayName }) => patchBody([{ op: 'replace', path: 'displayName', value: displayName }]),
    },
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [...addMembers(added), ...removeByValue(removed)],
    },
    deletes: true,
  },
};
