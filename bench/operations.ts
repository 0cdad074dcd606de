import type pg from 'pg';
import type { Request } from './keep-alive-client.js';
import { groupId, userDocument, userId, userName } from './seed.js';

/** An organization with its provisioning client, made by the server's own services. */
export interface BenchOrganization {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly token: string;
  /** The number that ids of its seeded rows are made of. */
  readonly organization: number;
  readonly users: number;
  /** Members of its largest group, which is the first; the others are people 1 to that number. */
  readonly largest: number;
}

/** One thing that is measured at one size. */
export interface Operation {
  readonly name: string;
  readonly organization: BenchOrganization;
  readonly expected: readonly number[];
  /** As many clients at once. Changes of one group come one after the other: a client sends them so, and its lock makes them so. */
  readonly connections: number;
  readonly requests: readonly Request[];
  /** Takes back what the requests changed, so that every measurement finds the same directory. */
  reset(client: pg.Client): Promise<void>;
}

const CONNECTIONS = 16;
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const range = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const nothing = async (): Promise<void> => undefined;
const get = (path: string): Request => ({ method: 'GET', path: `/scim/v2${path}` });
const patch = (path: string, operation: object): Request => ({
  method: 'PATCH',
  path: `/scim/v2${path}`,
  body: JSON.stringify({ schemas: [PATCH], Operations: [operation] }),
});
const filter = (text: string): string => `filter=${encodeURIComponent(text)}`;

/** `lastCursor`: of the last page of all people, a hundred a page. */
export function operationsOf(organization: BenchOrganization, count: number, lastCursor: string): Operation[] {
  const { organization: number, users, largest } = organization;
  // Spread over the whole directory, the same people in every measurement.
  const someone = (index: number) => 1 + ((index * 7919) % users);
  const group = `/Groups/${groupId(number, 1)}`;
  const reading = (name: string, path: (index: number) => string, requests = count): Operation => ({
    ...{ name, organization, expected: [200], connections: CONNECTIONS, reset: nothing },
    requests: range(requests, (index) => get(path(index))),
  });
  return [
    reading('find by userName', (index) => `/Users?${filter(`userName eq "${userName(someone(index))}"`)}`),
    reading(
      'find by externalId',
      (index) => `/Users?${filter(`externalId eq "external-${userName(someone(index))}"`)}`,
    ),
    reading(
      'find by e-mail',
      (index) => `/Users?${filter(`emails[type eq "work"].value eq "${userName(someone(index))}"`)}`,
    ),
    reading('get user', (index) => `/Users/${userId(number, someone(index))}`),
    createUsers(organization, count),
    setActive(organization, range(Math.min(count, users), someone)),
    addMembers(
      organization,
      group,
      'add one member',
      range(Math.min(count, users - largest), (index) => [largest + 1 + index]),
    ),
    removeMembers(
      organization,
      group,
      range(Math.min(count, largest), (index) => 1 + index),
    ),
    reading('group without its members', () => `${group}?excludedAttributes=members`),
    reading('last page by cursor', () => `/Users?count=100&cursor=${lastCursor}`, Math.ceil(count / 10)),
    reading('first page by index', () => `/Users?count=100`, Math.ceil(count / 10)),
  ];
}

/** What is measured of the largest directory alone, because the smallest has no such groups. */
export function operationsAtSize(organization: BenchOrganization, count: number): Operation[] {
  const { organization: number, largest } = organization;
  const group = `/Groups/${groupId(number, 1)}`;
  const thousands = range(Math.max(1, Math.min(20, Math.floor((organization.users - largest) / 1000))), (index) =>
    range(1000, (n) => largest + 1 + index * 1000 + n),
  );
  return [
    addMembers(organization, group, 'add 1,000 members at once', thousands),
    {
      ...{ name: 'group with all its members', organization, expected: [200], connections: 2, reset: nothing },
      requests: range(Math.ceil(count / 50), () => get(group)),
    },
  ];
}

function createUsers(organization: BenchOrganization, count: number): Operation {
  const { organizationId, organization: number, users } = organization;
  return {
    ...{ name: 'create user', organization, expected: [201], connections: CONNECTIONS },
    requests: range(count, (index) => ({
      method: 'POST',
      path: '/scim/v2/Users',
      body: JSON.stringify(userDocument(`new.${index}@example.com`)),
    })),
    reset: async (client) => {
      const places = [organizationId, userId(number, 0), userId(number, users)];
      await client.query(`DELETE FROM users WHERE organization_id = $1 AND id NOT BETWEEN $2 AND $3`, places);
      await client.query('VACUUM users');
    },
  };
}

function setActive(organization: BenchOrganization, people: readonly number[]): Operation {
  const { organizationId, organization: number } = organization;
  return {
    ...{ name: 'deactivate user', organization, expected: [200], connections: CONNECTIONS },
    requests: people.map((one) =>
      patch(`/Users/${userId(number, one)}`, { op: 'replace', path: 'active', value: false }),
    ),
    reset: async (client) => {
      await client.query(`UPDATE users SET active = true WHERE organization_id = $1 AND NOT active`, [organizationId]);
      await client.query('VACUUM users');
    },
  };
}

function addMembers(
  organization: BenchOrganization,
  group: string,
  name: string,
  sets: readonly (readonly number[])[],
): Operation {
  const { organization: number } = organization;
  return {
    ...{
      name,
      organization,
      expected: [200, 204],
      connections: 1,
      reset: (client) => restoreLargest(client, organization),
    },
    requests: sets.map((people) =>
      patch(group, { op: 'add', path: 'members', value: people.map((one) => ({ value: userId(number, one) })) }),
    ),
  };
}

function removeMembers(organization: BenchOrganization, group: string, people: readonly number[]): Operation {
  const { organization: number } = organization;
  return {
    name: 'remove one member',
    ...{ organization, expected: [200, 204], connections: 1, reset: (client) => restoreLargest(client, organization) },
    requests: people.map((one) => patch(group, { op: 'remove', path: `members[value eq "${userId(number, one)}"]` })),
  };
}

async function restoreLargest(client: pg.Client, organization: BenchOrganization): Promise<void> {
  const { organizationId, organization: number, largest } = organization;
  const group = [organizationId, groupId(number, 1)];
  await client.query(`DELETE FROM memberships WHERE organization_id = $1 AND group_id = $2 AND user_id > $3`, [
    ...group,
    userId(number, largest),
  ]);
  await client.query(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT $1, $2, id, '{scim}', now() FROM users WHERE organization_id = $1 AND id <= $3 ON CONFLICT DO NOTHING`,
    [...group, userId(number, largest)],
  );
  await client.query('VACUUM memberships');
  await client.query('VACUUM groups');
}
