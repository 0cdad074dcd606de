import type pg from 'pg';
import type { Request } from './keep-alive-client.js';
import { groupId, seedGroups, seedMembers, seedTeams, seedUsers, userDocument, userId, userName } from './seed.js';

/** An organization with its provisioning client, made by the server's own services. */
export interface BenchOrganization {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly token: string;
  /** The number that ids of its seeded rows are made of. */
  readonly organization: number;
}

/** One thing that is measured at one size. */
export interface Operation {
  readonly name: string;
  readonly size: number;
  readonly organization: BenchOrganization;
  readonly expected: readonly number[];
  /** The requests of one measurement; `run` is different for each. */
  requests(run: number, count: number): Request[];
  /** Takes back what the requests changed, so that every measurement finds the same directory. */
  reset(client: pg.Client): Promise<void>;
}

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const patchBody = (operation: object): string => JSON.stringify({ schemas: [PATCH], Operations: [operation] });
const nothing = async (): Promise<void> => undefined;
const range = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** Loads an organization of `size` people; what is measured with them. */
export async function userOperations(
  client: pg.Client,
  organization: BenchOrganization,
  size: number,
): Promise<Operation[]> {
  await seedUsers(client, organization, size);
  await seedTeams(client, organization, size);
  const { organization: number, organizationId } = organization;
  // Spread over the whole directory, the same people in every measurement.
  const someone = (index: number) => 1 + ((index * 7919) % size);
  const common = { size, organization };
  return [
    {
      ...common,
      name: 'W1 create user',
      expected: [201],
      requests: (run, count) =>
        range(count, (index) => ({
          method: 'POST',
          path: '/scim/v2/Users',
          body: JSON.stringify(userDocument(`new.${run}.${index}@example.com`)),
        })),
      reset: async () => {
        await client.query(`DELETE FROM users WHERE organization_id = $1 AND id NOT BETWEEN $2 AND $3`, [
          organizationId,
          userId(number, 0),
          userId(number, size),
        ]);
        await client.query('VACUUM users');
      },
    },
    {
      ...common,
      name: 'W2 find by userName',
      expected: [200],
      requests: (_run, count) =>
        range(count, (index) => ({
          method: 'GET',
          path: `/scim/v2/Users?filter=${encodeURIComponent(`userName eq "${userName(someone(index))}"`)}`,
        })),
      reset: nothing,
    },
    {
      ...common,
      name: 'get user by id',
      expected: [200],
      requests: (_run, count) =>
        range(count, (index) => ({ method: 'GET', path: `/scim/v2/Users/${userId(number, someone(index))}` })),
      reset: nothing,
    },
    {
      ...common,
      name: 'W5 deactivate user',
      expected: [200],
      requests: (_run, count) =>
        range(Math.min(count, size), (index) => ({
          method: 'PATCH',
          path: `/scim/v2/Users/${userId(number, someone(index))}`,
          body: patchBody({ op: 'replace', path: 'active', value: false }),
        })),
      reset: async () => {
        await client.query(`UPDATE users SET active = true WHERE organization_id = $1 AND NOT active`, [
          organizationId,
        ]);
        await client.query('VACUUM users');
      },
    },
  ];
}

/** Groups of one size, so that the writers of a measurement do not all wait for one row. */
const GROUPS_OF_A_SIZE = 8;

/** Loads groups of the given sizes; adding one member to them. */
export async function groupOperations(
  client: pg.Client,
  organization: BenchOrganization,
  sizes: readonly number[],
  mostRequests: number,
): Promise<Operation[]> {
  const { organization: number, organizationId } = organization;
  const members = Math.max(...sizes);
  const strangers = Math.ceil(mostRequests / GROUPS_OF_A_SIZE);
  await seedUsers(client, organization, members + strangers);
  const operations: Operation[] = [];
  for (const [place, size] of sizes.entries()) {
    const first = 1 + place * GROUPS_OF_A_SIZE;
    await seedGroups(client, organization, first, GROUPS_OF_A_SIZE, 'Group');
    await seedMembers(client, organization, first, GROUPS_OF_A_SIZE, size);
    operations.push({
      name: 'W7 add one member',
      size,
      organization,
      expected: [200, 204],
      requests: (_run, count) =>
        range(Math.min(count, mostRequests), (index) => ({
          method: 'PATCH',
          path: `/scim/v2/Groups/${groupId(number, first + (index % GROUPS_OF_A_SIZE))}`,
          body: patchBody({
            op: 'add',
            path: 'members',
            value: [{ value: userId(number, members + 1 + Math.floor(index / GROUPS_OF_A_SIZE)) }],
          }),
        })),
      reset: async () => {
        await client.query(`DELETE FROM memberships WHERE organization_id = $1 AND user_id BETWEEN $2 AND $3`, [
          organizationId,
          userId(number, members + 1),
          userId(number, members + strangers),
        ]);
        await client.query('VACUUM memberships');
        await client.query('VACUUM groups');
      },
    });
  }
  return operations;
}
