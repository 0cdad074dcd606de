import type { AttributeName } from '../protocol/attributes.js';
import type { DirectoryGroup } from '../directory/directory.js';
import type { Json } from '../http/transport.js';
import {
  addMembers,
  asValues,
  equals,
  GROUP,
  patchBody,
  plainUser,
  removeByFilter,
  removeByValue,
  replaceEach,
} from './bodies.js';
import type { GroupDialect, Profile, UserDialect } from './profile.js';

/** The clients that PUT or PATCH in a way of their own, one constant each. */

const SCIM_JSON = { 'content-type': 'application/scim+json' };
const ATTRIBUTES: readonly AttributeName[] = [
  'userName',
  'externalId',
  'givenName',
  'familyName',
  'email',
  'displayName',
  'title',
  'phone',
  'active',
];
const byUserName = (query = '') => ({
  lookUp: ({ userName }: { readonly userName: string }) => `/Users?filter=${equals('userName', userName)}${query}`,
});
const plainGroup = ({ displayName }: DirectoryGroup): Json => ({ schemas: [GROUP], displayName });
const groupWithExternalId = (group: DirectoryGroup): Json => ({ ...plainGroup(group), externalId: group.externalId });
const renameWithoutPath: NonNullable<GroupDialect['rename']> = {
  method: 'PATCH',
  body: ({ displayName }) => patchBody([{ op: 'replace', value: { displayName } }]),
};

/** PUT of everything it knows, without reading first. */
const putUser: Omit<UserDialect, 'lookUp'> = {
  looksUpFirst: true,
  create: plainUser,
  update: { method: 'PUT', body: (leaves, id) => ({ id, ...plainUser(leaves) }) },
  leaving: 'deactivate',
  deletes: true,
  clears: true,
  looksUpAfterLoss: false,
};

export const google: Profile = {
  name: 'google',
  title: 'Google Workspace: users only, suspended first and deleted later',
  headers: { 'content-type': 'application/json', 'user-agent': 'Google-Auto-Provisioning' },
  probe: ['/Users?count=1', '/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser'],
  pageSize: 100,
  attributes: ATTRIBUTES,
  users: {
    ...putUser,
    ...byUserName('&startIndex=1'),
    activate: (active) => ({ op: 'replace', path: 'active', value: active }),
  },
};

export const jumpcloud: Profile = {
  name: 'jumpcloud',
  title: 'JumpCloud: one operation for each attribute',
  headers: SCIM_JSON,
  probe: [],
  probesByWriting: true,
  pageSize: 100,
  attributes: ATTRIBUTES,
  users: {
    ...putUser,
    ...byUserName('&startIndex=1&count=100'),
    update: {
      method: 'PATCH',
      operations: (changes) =>
        replaceEach(changes).map((operation, index) =>
          changes[index]!.name === 'email'
            ? { op: 'replace', path: 'emails', value: [{ type: 'work', value: changes[index]!.value, primary: true }] }
            : operation,
        ),
    },
    activate: (active) => ({ op: 'replace', path: 'active', value: active }),
    deletes: false,
  },
  groups: {
    looksUpFirst: true,
    lookUp: (name) => `/Groups?filter=${equals('displayName', name)}&startIndex=1&count=100`,
    create: plainGroup,
    sendsExternalId: false,
    rename: renameWithoutPath,
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [...addMembers(added), ...removeByValue(removed)],
    },
    deletes: true,
  },
};

export const ping: Profile = {
  name: 'ping',
  title: 'PingFederate and PingOne, matching by userName, merging memberships',
  headers: SCIM_JSON,
  probe: [],
  pageSize: 100,
  attributes: ATTRIBUTES,
  users: { ...putUser, ...byUserName(), deletes: false },
  groups: {
    looksUpFirst: true,
    readsAll: true,
    create: plainGroup,
    sendsExternalId: false,
    rename: renameWithoutPath,
    members: {
      kind: 'changes',
      perRequest: 100,
      // Removal in the form of Ping's own SDK.
      operations: ({ added, removed }) => [
        ...addMembers(added),
        ...(removed.length ? [{ op: 'remove', path: 'members', value: { members: asValues(removed) } }] : []),
      ],
    },
    deletes: true,
  },
};

export const pingByEmail: Profile = {
  ...ping,
  name: 'ping-email',
  title: 'PingFederate and PingOne, matching by work e-mail, overwriting memberships, deleting leavers',
  matchesByEmail: true,
  users: {
    ...ping.users,
    lookUp: ({ email }) => `/Users?filter=${equals('emails', email)}`,
    leaving: 'delete',
    deletes: true,
  },
  groups: {
    ...ping.groups!,
    members: {
      kind: 'whole',
      method: 'PATCH',
      body: (members) => patchBody([{ op: 'replace', path: 'members', value: asValues(members) }]),
    },
  },
};

export const authentik: Profile = {
  name: 'authentik',
  title: 'authentik: creates at once, looks up after a conflict, deletes leavers',
  headers: SCIM_JSON,
  probe: ['/ServiceProviderConfig'],
  aggregates: ['/Users', '/Groups'],
  pageSize: 100,
  attributes: ATTRIBUTES,
  users: { ...putUser, ...byUserName(), looksUpFirst: false, leaving: 'delete' },
  groups: {
    looksUpFirst: false,
    lookUp: (name) => `/Groups?filter=${equals('displayName', name)}`,
    create: groupWithExternalId,
    sendsExternalId: true,
    readsFirst: '',
    rename: {
      method: 'PATCH',
      body: (group) => patchBody([{ op: 'replace', value: groupWithExternalId(group) }]),
    },
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [
        ...added.flatMap((member) => addMembers([member])),
        ...removed.flatMap((member) => removeByValue([member])),
      ],
    },
    deletes: true,
  },
};

export const keycloak: Profile = {
  name: 'keycloak',
  title: 'Keycloak with a SCIM plugin: whole memberships in one PATCH without a path',
  headers: SCIM_JSON,
  probe: [],
  pageSize: 100,
  attributes: ATTRIBUTES,
  users: { ...putUser, ...byUserName(), looksUpFirst: false },
  groups: {
    looksUpFirst: false,
    lookUp: (name) => `/Groups?filter=${equals('displayName', name)}`,
    create: groupWithExternalId,
    sendsExternalId: true,
    rename: renameWithoutPath,
    members: {
      kind: 'whole',
      method: 'PATCH',
      body: (members) => patchBody([{ op: 'replace', value: { members: asValues(members) } }]),
    },
    deletes: true,
  },
};

export const sailpoint: Profile = {
  name: 'sailpoint',
  title: 'SailPoint: aggregates page by page, PATCHes without a path',
  headers: SCIM_JSON,
  probe: ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes'],
  aggregates: ['/Users', '/Groups'],
  pageSize: 50,
  attributes: [...ATTRIBUTES, 'employeeNumber', 'department', 'manager'],
  users: {
    ...putUser,
    ...byUserName(),
    looksUpFirst: false,
    update: { method: 'PATCH', operations: replaceEach },
    activate: (active) => ({ op: 'add', value: { active } }),
  },
  groups: {
    looksUpFirst: false,
    lookUp: (name) => `/Groups?filter=${equals('displayName', name)}`,
    create: plainGroup,
    sendsExternalId: false,
    rename: {
      method: 'PATCH',
      body: ({ displayName }) => patchBody([{ op: 'replace', path: 'displayName', value: displayName }]),
    },
    members: {
      kind: 'changes',
      perRequest: 100,
      operations: ({ added, removed }) => [...addMembers(added), ...removeByFilter(removed)],
    },
    deletes: true,
  },
};

export const rippling: Profile = {
  name: 'rippling',
  title: 'Rippling: PUT for users, PATCH for groups, repeats a create that failed',
  headers: { 'content-type': 'application/json' },
  probe: ['/ServiceProviderConfig'],
  pageSize: 100,
  attributes: [...ATTRIBUTES, 'employeeNumber'],
  users: {
    ...putUser,
    ...byUserName(),
    activate: (active) => ({ op: 'replace', path: 'active', value: active }),
    deletes: false,
  },
  groups: { ...sailpoint.groups!, looksUpFirst: true },
};
