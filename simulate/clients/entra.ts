import type { Json } from '../http/transport.js';
import { CORE, ENTERPRISE, writeLeaves, type AttributeName, type Leaf } from '../protocol/attributes.js';
import { formEquals, GROUP, patchBody } from './bodies.js';
import type { Change, GroupDialect, Member, Operation, Profile, UserDialect } from './profile.js';

/** Microsoft Entra ID, in both of its dialects. It sends no User-Agent, PATCHes everything, and skips attributes that are empty. */

const ADSCIM = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
const NOBODY = 'b3e1c4d8-0d7e-4b9a-8d0e-6f0a3f0f7d11';
const references = (members: readonly Member[]) => members.map(({ id }) => ({ $ref: null, value: id }));

const ATTRIBUTES: readonly AttributeName[] = [
  'externalId',
  'userName',
  'active',
  'email',
  'formatted',
  'familyName',
  'givenName',
  'displayName',
  'title',
  'phone',
  'employeeNumber',
  'department',
  'manager',
];

/** `meta`, `roles` and the URN of the extension come whether or not they are of use. */
const create = (leaves: readonly Leaf[]): Json =>
  writeLeaves(
    { schemas: [CORE, ENTERPRISE], meta: { resourceType: 'User' }, roles: [] },
    leaves.filter(({ value }) => value !== undefined),
  );

const user: Omit<UserDialect, 'update' | 'activate'> = {
  looksUpFirst: true,
  lookUp: (person) => `/Users?filter=${formEquals('userName', person.userName)}`,
  create,
  readsFirst: true,
  leaving: 'deactivate',
  deletes: true,
  clears: false,
  looksUpAfterLoss: true,
};

const group: Omit<GroupDialect, 'members' | 'rename'> = {
  looksUpFirst: true,
  lookUp: (name) => `/Groups?excludedAttributes=members&filter=${formEquals('displayName', name)}`,
  create: ({ externalId, displayName }) => ({
    schemas: [GROUP, ADSCIM],
    externalId,
    displayName,
    meta: { resourceType: 'Group' },
  }),
  sendsExternalId: true,
  readsFirst: '?excludedAttributes=members',
  deletes: true,
};

const base = {
  headers: { 'content-type': 'application/scim+json; charset=utf-8' },
  probe: [
    `/Users?filter=${formEquals('userName', NOBODY)}`,
    `/Groups?excludedAttributes=members&filter=${formEquals('displayName', NOBODY)}`,
  ],
  pageSize: 100,
  attributes: ATTRIBUTES,
};

/** Capitals, one operation for each attribute, booleans as text, a manager as a bare string. */
const classic = ({ name, path, value, before }: Change): Operation => ({
  op: before === undefined ? 'Add' : 'Replace',
  path,
  value: name === 'active' ? asText(value) : value,
});
const asText = (value: unknown): string => (value === true ? 'True' : 'False');
const known = (changes: readonly Change[]) => changes.filter(({ value }) => value !== undefined);

export const entra: Profile = {
  ...base,
  name: 'entra',
  title: 'Microsoft Entra ID',
  users: {
    ...user,
    update: { method: 'PATCH', operations: (changes) => known(changes).map(classic) },
    activate: (active) => ({ op: 'Replace', path: 'active', value: asText(active) }),
  },
  groups: {
    ...group,
    rename: {
      method: 'PATCH',
      body: ({ displayName }) => patchBody([{ op: 'Replace', path: 'displayName', value: displayName }]),
    },
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [
        ...(added.length ? [{ op: 'Add', path: 'members', value: references(added) }] : []),
        ...(removed.length ? [{ op: 'Remove', path: 'members', value: references(removed) }] : []),
      ],
    },
  },
};

/** Filtered paths as operations of their own, the rest as dotted keys of one operation without a path. */
function compliant(changes: readonly Change[]): Operation[] {
  const filtered = known(changes).filter(({ path }) => path.includes('['));
  const rest = known(changes).filter(({ path }) => !path.includes('['));
  const keys = rest.map(({ name, path, value }) => [name === 'manager' ? `${path}.value` : path, value] as const);
  return [
    ...filtered.map(({ path, value }) => ({ op: 'replace', path, value })),
    ...(keys.length ? [{ op: 'replace', value: Object.fromEntries(keys) }] : []),
  ];
}

export const entraWithFlag: Profile = {
  ...base,
  name: 'entra-flag',
  title: 'Microsoft Entra ID with the flag aadOptscim062020 in its tenant URL',
  users: {
    ...user,
    update: { method: 'PATCH', operations: compliant },
    activate: (active) => ({ op: 'replace', path: 'active', value: active }),
  },
  groups: {
    ...group,
    rename: {
      method: 'PATCH',
      body: ({ displayName }) => patchBody([{ op: 'replace', path: 'displayName', value: displayName }]),
    },
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [
        ...(added.length ? [{ op: 'add', path: 'members', value: references(added) }] : []),
        ...removed.map(({ id }) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
      ],
    },
  },
};
