import type pg from 'pg';

/** Organizations of a given size, written by set-based SQL: people of about 0.7 kB, three groups each, one group for twenty people. */

/** Ids are made of the organization's number and the row's, in order like the server's own. */
export const userId = (organization: number, index: number): string => idOf('8', organization, index);
export const groupId = (organization: number, index: number): string => idOf('9', organization, index);
const idOf = (kind: string, organization: number, index: number): string =>
  `01900000-0000-7000-${kind}${organization.toString(16).padStart(3, '0')}-${index.toString(16).padStart(12, '0')}`;

export const userName = (index: number): string => `person.${index}@example.com`;

/** A user as a provisioning client sends it. */
export const userDocument = (name: string): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: `external-${name}`,
  userName: name,
  ...userAttributes(name),
  active: true,
});

const userAttributes = (name: string): Record<string, unknown> => ({
  name: { formatted: `Barbara ${name}`, familyName: name, givenName: 'Barbara' },
  displayName: `Barbara ${name}`,
  title: 'Engineer',
  userType: 'Employee',
  preferredLanguage: 'en-US',
  emails: [{ value: name, type: 'work', primary: true }],
  phoneNumbers: [{ value: '+1 555 010 0199', type: 'work' }],
  addresses: [
    {
      type: 'work',
      streetAddress: '100 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'US',
    },
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Universal Studios',
    division: 'Theme Park',
    department: 'Tour Operations',
  },
});

interface Place {
  readonly organizationId: string;
  readonly connectionId: string;
  /** The number that ids are made of. */
  readonly organization: number;
}

export async function seedUsers(client: pg.Client, place: Place, count: number): Promise<void> {
  await client.query(
    `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, external_id,
       email_keys, attributes, role, created_at, updated_at)
     SELECT $1, ($3 || lpad(to_hex(i), 12, '0'))::uuid, $2, 'scim', true, n.name, n.name, 'external-' || n.name, ARRAY[n.name],
       replace($5, '@NAME@', n.name)::jsonb, 'member', now(), now()
     FROM generate_series(1, $4::integer) AS i, LATERAL (SELECT 'person.' || i || '@example.com' AS name) n`,
    [
      place.organizationId,
      place.connectionId,
      userId(place.organization, 0).slice(0, 24),
      count,
      JSON.stringify(userAttributes('@NAME@')),
    ],
  );
}

/** One group for twenty people; everybody is in up to three of them. */
export async function seedTeams(client: pg.Client, place: Place, users: number): Promise<void> {
  const teams = Math.ceil(users / 20);
  await seedGroups(client, place, 1, teams, 'Team');
  await client.query(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT DISTINCT $1::uuid, ($2 || lpad(to_hex(1 + (i * k) % $5::integer), 12, '0'))::uuid,
       ($3 || lpad(to_hex(i), 12, '0'))::uuid, '{scim}'::text[], now()
     FROM generate_series(1, $4::integer) AS i, unnest(ARRAY[1, 7, 13]) AS k`,
    [
      place.organizationId,
      groupId(place.organization, 0).slice(0, 24),
      userId(place.organization, 0).slice(0, 24),
      users,
      teams,
    ],
  );
}

/** Groups numbered from `first`. */
export async function seedGroups(
  client: pg.Client,
  place: Place,
  first: number,
  count: number,
  name: string,
): Promise<void> {
  await client.query(
    `INSERT INTO groups (organization_id, id, connection_id, provenance, login_policy, protected, is_default, display_name,
       display_name_key, unique_name_key, attributes, created_at, updated_at)
     SELECT $1, ($3 || lpad(to_hex(i), 12, '0'))::uuid, $2, 'scim', 'authoritative', false, false, n.name, lower(n.name),
       lower(n.name), '{}', now(), now()
     FROM generate_series($4::integer, $4::integer + $5::integer - 1) AS i, LATERAL (SELECT $6 || ' ' || i AS name) n`,
    [place.organizationId, place.connectionId, groupId(place.organization, 0).slice(0, 24), first, count, name],
  );
}

/** Puts the people 1 to `members` into each of `groups` groups numbered from `first`. */
export async function seedMembers(
  client: pg.Client,
  place: Place,
  first: number,
  groups: number,
  members: number,
): Promise<void> {
  await client.query(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT $1, ($2 || lpad(to_hex(g), 12, '0'))::uuid, ($3 || lpad(to_hex(i), 12, '0'))::uuid, '{scim}', now()
     FROM generate_series($4::integer, $4::integer + $5::integer - 1) AS g, generate_series(1, $6::integer) AS i`,
    [
      place.organizationId,
      groupId(place.organization, 0).slice(0, 24),
      userId(place.organization, 0).slice(0, 24),
      first,
      groups,
      members,
    ],
  );
}
