import type pg from 'pg';

/** Organizations of a given size, written by set-based SQL: people of about 0.7 kB, four memberships each. */

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

/** Of all but the largest group. */
const MEMBERS_OF_A_GROUP = 19;

/**
 * One group for five people: the first has a fifth of everybody, every other one nineteen members. 250,000 people are in 50,000 groups
 * by a million memberships, 50,000 of them in the largest.
 */
export async function seedGroups(client: pg.Client, place: Place, users: number): Promise<{ largest: number }> {
  const { organizationId, connectionId, organization } = place;
  const groups = users / 5;
  const largest = users / 5;
  const [groupPrefix, userPrefix] = [groupId(organization, 0).slice(0, 24), userId(organization, 0).slice(0, 24)];
  await client.query(
    `INSERT INTO groups (organization_id, id, connection_id, provenance, login_policy, protected, is_default, display_name,
       display_name_key, unique_name_key, attributes, created_at, updated_at)
     SELECT $1, ($3 || lpad(to_hex(i), 12, '0'))::uuid, $2, 'scim', 'authoritative', false, false, 'Group ' || i, 'group ' || i,
       'group ' || i, '{}', now(), now() FROM generate_series(1, $4::integer) AS i`,
    [organizationId, connectionId, groupPrefix, groups],
  );
  await client.query(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT $1, ($2 || lpad(to_hex(m.g), 12, '0'))::uuid, ($3 || lpad(to_hex(m.u), 12, '0'))::uuid, '{scim}', now()
     FROM (SELECT 1 AS g, u FROM generate_series(1, $6::integer) AS u
       UNION ALL SELECT g, 1 + (g * $7::integer + k * 7919) % $5::integer
         FROM generate_series(2, $4::integer) AS g, generate_series(1, $7::integer) AS k) m`,
    [organizationId, groupPrefix, userPrefix, groups, users, largest, MEMBERS_OF_A_GROUP],
  );
  return { largest };
}
