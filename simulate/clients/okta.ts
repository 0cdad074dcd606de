import { hash } from '../random.js';
import { writeLeaves, type AttributeName, type Leaf } from '../protocol/attributes.js';
import type { Json } from '../http/transport.js';
import { equals, GROUP, patchBody, plainUser, removeByFilter } from './bodies.js';
import type { GroupDialect, Member, Profile, UserDialect } from './profile.js';

/** Okta: a custom app PUTs everything, an app of its catalogue PATCHes what it can. Neither ever deletes a user. */

const ATTRIBUTES: readonly AttributeName[] = [
  'userName',
  'givenName',
  'familyName',
  'email',
  'displayName',
  'locale',
  'externalId',
  'title',
  'phone',
  'active',
];
const page = 'startIndex=1&count=100';
const shown = (members: readonly Member[]): Json[] => members.map(({ id, display }) => ({ value: id, display }));

const user: Omit<UserDialect, 'activate'> = {
  looksUpFirst: true,
  lookUp: ({ userName }) => `/Users?filter=${equals('userName', userName)}&${page}`,
  // A password that nobody will ever type, and `groups`, which is read-only.
  create: (leaves) => ({ ...plainUser(leaves), groups: [], password: placeholder(leaves) }),
  readsFirst: true,
  // What was just read, with the changes in it: everything the server shows comes back.
  update: { method: 'PUT', body: (leaves, _id, read) => writeLeaves(read ?? {}, leaves) },
  leaving: 'deactivate',
  deletes: false,
  clears: true,
  looksUpAfterLoss: false,
};
const placeholder = (leaves: readonly Leaf[]): string =>
  hash(7, ...leaves.map(({ value }) => String(value)))
    .toString(36)
    .padStart(8, '0');

const group: Omit<GroupDialect, 'members' | 'rename'> = {
  looksUpFirst: false,
  lookUp: (name) => `/Groups?filter=${equals('displayName', name)}&${page}`,
  create: ({ displayName }) => ({ schemas: [GROUP], displayName, members: [] }),
  sendsExternalId: false,
  deletes: true,
};

const base = {
  headers: {
    accept: 'application/scim+json',
    'accept-charset': 'utf-8',
    'content-type': 'application/scim+json; charset=utf-8',
    'user-agent': 'Okta SCIM Client 1.0.0',
  },
  probe: ['/Users?startIndex=1&count=2', '/Groups?startIndex=1&count=100'],
  pageSize: 100,
  attributes: ATTRIBUTES,
};

export const okta: Profile = {
  ...base,
  name: 'okta',
  title: 'Okta, a custom app: every change is a PUT',
  users: user,
  groups: {
    ...group,
    members: {
      kind: 'whole',
      method: 'PUT',
      body: (members, { displayName }, id) => ({ schemas: [GROUP], id, displayName, members: shown(members) }),
    },
  },
};

export const oktaCatalogue: Profile = {
  ...base,
  name: 'okta-catalogue',
  title: 'Okta, an app of its catalogue: PATCH for groups and for active',
  users: { ...user, activate: (active) => ({ op: 'replace', value: { active } }) },
  groups: {
    ...group,
    rename: {
      method: 'PATCH',
      body: ({ displayName }, id) => patchBody([{ op: 'replace', value: { id, displayName } }]),
    },
    members: {
      kind: 'changes',
      perRequest: 1000,
      // The name goes along with every change of members.
      operations: ({ added, removed }, { displayName }, id) => [
        { op: 'replace', value: { id, displayName } },
        ...removeByFilter(removed),
        ...(added.length ? [{ op: 'add', path: 'members', value: shown(added) }] : []),
      ],
    },
  },
};
