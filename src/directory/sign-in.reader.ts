import { Injectable } from '@nestjs/common';
import type { Queryable, Snapshot, Transaction } from '../database/transaction.js';
import type { SessionLimits } from '../organizations/tenant-facts.reader.js';
import type { Group, Origin, Subject, User } from './directory-types.js';
import { GROUP_COLUMNS, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

/** What an assertion can point to somebody by. */
export interface SignInKeys {
  readonly connectionId: string;
  readonly subject: Subject;
  /** NameID and the attribute mapped as externalId. */
  readonly externalIds: readonly string[];
  readonly userNameKey: string | undefined;
  readonly emailKey: string | undefined;
  /** The domain of the address; it points to somebody only where the organization has verified that. */
  readonly domain: string | undefined;
}

/** Values that could name a group. */
export interface GroupNames {
  readonly nameKeys: readonly string[];
  readonly externalIds: readonly string[];
  readonly ids: readonly string[];
}

/** Somebody the assertion may mean. */
export interface Candidate {
  readonly by: 'identity' | 'externalId' | 'userName' | 'email';
  readonly id: string;
  /** false: a tombstone. */
  readonly living: boolean;
  /** Linked to another subject of the same connection. */
  readonly linkedElsewhere: boolean;
}

export interface SignInGroup {
  readonly group: Group;
  /** Of the person's membership; null: not a member. */
  readonly origins: Origin[] | null;
  /** A SCIM client whose connection has scim on is its authority. */
  readonly underScim: boolean;
}

/** Everything a sign-in is decided by besides the person, of one moment. */
export interface SignInFacts {
  /** Best key first. */
  readonly candidates: readonly Candidate[];
  /** The groups the person is in and those that a value could name. */
  readonly groups: readonly SignInGroup[];
  /** The organization that has verified the domain, of all on this server. */
  readonly domainOwner: string | null;
  /** With no person: the e-mail is carried by somebody living. */
  readonly emailTaken: boolean;
  readonly sessionLimits: SessionLimits;
}

const RANKS = ['identity', 'externalId', 'userName', 'email'] as const;

/**
 * Living people with the address $8, as an array. Not knowing the address, the planner thinks of a two-hundredth of all people, and would
 * read everybody of the organization to find them, or once they are found: of an array it expects few, and that all are wanted.
 */
const WITH_EMAIL = `
  ARRAY(SELECT id FROM (SELECT organization_id, id, deleted_at FROM users WHERE email_keys @> ARRAY[$8::text] OFFSET 0) e
        WHERE e.organization_id = $1 AND e.deleted_at IS NULL)`;

/** Users and tombstones whom the keys point to, by rank: $1 organization, $2 connection, $3-$9 keys. */
const POINTED_TO = `
  SELECT 0 AS rank, user_id FROM identities
  WHERE organization_id = $1 AND connection_id = $2 AND name_id_format = $3 AND name_qualifier = $4 AND name_id = $5
  UNION ALL
  -- An externalId means something only in the directory that issued it (RFC 7643 section 3.1).
  SELECT 1, id FROM users WHERE organization_id = $1 AND external_id = ANY($6::text[]) AND connection_id = $2
  UNION ALL
  SELECT 2, id FROM users WHERE organization_id = $1 AND user_name_key = $7 AND deleted_at IS NULL
  UNION ALL
  SELECT 2, id FROM users
  WHERE organization_id = $1 AND user_name_key = $7 AND deleted_at IS NOT NULL AND connection_id = $2
  UNION ALL
  SELECT 3, id FROM unnest(${WITH_EMAIL}) id WHERE EXISTS (SELECT 1 FROM verified_domains WHERE domain = $9 AND organization_id = $1)`;

const keysOf = (organizationId: string, keys: SignInKeys): unknown[] => [
  organizationId,
  keys.connectionId,
  keys.subject.format,
  keys.subject.nameQualifier,
  keys.subject.value,
  keys.externalIds,
  keys.userNameKey ?? null,
  keys.emailKey ?? null,
  keys.domain ?? null,
];

/** What a sign-in asks before it is decided: one statement to find and lock the person, one to look at everything else under the lock. */
@Injectable()
export class SignInReader {
  /** The living user of the best key; locked, unless on a snapshot. Whether the keys still mean them is for `facts` to say. */
  async person(db: Transaction | Snapshot, organizationId: string, keys: SignInKeys): Promise<User | undefined> {
    const [row] = await db.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u
       WHERE u.organization_id = $1 AND u.deleted_at IS NULL AND u.id = (
         SELECT c.id FROM (${POINTED_TO}) k
         JOIN users c ON c.organization_id = $1 AND c.id = k.user_id AND c.deleted_at IS NULL
         ORDER BY k.rank, c.id LIMIT 1)
       ${db.inTransaction ? 'FOR NO KEY UPDATE OF u' : ''}`,
      keysOf(organizationId, keys),
    );
    return row && toUser(row);
  }

  /** `personId`: whose memberships; undefined: nobody's. */
  async facts(
    db: Queryable,
    organizationId: string,
    keys: SignInKeys,
    personId: string | undefined,
    named: GroupNames,
  ): Promise<SignInFacts> {
    const rows = await db.query<FactsRow>(
      `SELECT facts.*, g.* FROM (
         SELECT o.session_lifetime_seconds, o.session_idle_seconds, (SELECT organization_id FROM verified_domains WHERE domain = $9) AS domain_owner,
           CASE WHEN $10::uuid IS NULL THEN cardinality(${WITH_EMAIL}) > 0 ELSE false END AS email_taken,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('rank', k.rank, 'id', u.id, 'living', u.deleted_at IS NULL, 'linkedElsewhere', EXISTS (
              SELECT 1 FROM identities i WHERE i.organization_id = $1 AND i.user_id = u.id AND i.connection_id = $2
                AND (i.name_id_format, i.name_qualifier, i.name_id) <> ($3, $4, $5)
            )) ORDER BY k.rank, u.id), '[]'::jsonb)
            FROM (${POINTED_TO}) k JOIN users u ON u.organization_id = $1 AND u.id = k.user_id) AS candidates
         FROM organizations o WHERE o.id = $1
       ) facts LEFT JOIN (${groupsForSignIn('$10::uuid', '$11::text[]', '$12::text[]', '$13::uuid[]')}) g ON true
       ORDER BY g.id`,
      [...keysOf(organizationId, keys), personId ?? null, named.nameKeys, named.externalIds, named.ids],
    );
    const [first] = rows;
    if (!first) throw new Error(`No organization ${organizationId}`);
    return {
      candidates: first.candidates.map(({ rank, ...candidate }) => ({ ...candidate, by: RANKS[rank]! })),
      groups: rows.flatMap((row) => (row.id === null ? [] : [toSignInGroup(row)])),
      domainOwner: first.domain_owner,
      emailTaken: first.email_taken,
      sessionLimits: { lifetimeSeconds: first.session_lifetime_seconds, idleSeconds: first.session_idle_seconds },
    };
  }

  /** The groups alone, to plan again when they are locked. */
  async groups(db: Queryable, organizationId: string, personId: string, named: GroupNames): Promise<SignInGroup[]> {
    const rows = await db.query<SignInGroupRow>(
      `${groupsForSignIn('$2::uuid', '$3::text[]', '$4::text[]', '$5::uuid[]')} ORDER BY g.id`,
      [organizationId, personId, named.nameKeys, named.externalIds, named.ids],
    );
    return rows.map(toSignInGroup);
  }
}

const groupsForSignIn = (person: string, nameKeys: string, externalIds: string, ids: string) => `
  SELECT ${GROUP_COLUMNS}, m.origins, g.provenance = 'scim' AND coalesce(c.scim, false) AS under_scim
  FROM groups g
  LEFT JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id AND m.user_id = ${person}
  LEFT JOIN connections c ON c.organization_id = g.organization_id AND c.id = g.connection_id
  WHERE g.organization_id = $1 AND g.id IN (
    SELECT group_id FROM memberships WHERE organization_id = $1 AND user_id = ${person}
    UNION ALL SELECT id FROM groups WHERE organization_id = $1 AND display_name_key = ANY(${nameKeys})
    UNION ALL SELECT id FROM groups WHERE organization_id = $1 AND external_id = ANY(${externalIds})
    UNION ALL SELECT unnest(${ids}))`;

type SignInGroupRow = GroupRow & { origins: Origin[] | null; under_scim: boolean };

type FactsRow = {
  session_lifetime_seconds: number;
  session_idle_seconds: number | null;
  domain_owner: string | null;
  email_taken: boolean;
  candidates: (Omit<Candidate, 'by'> & { rank: number })[];
} & (SignInGroupRow | { id: null });

const toSignInGroup = (row: SignInGroupRow): SignInGroup => ({
  group: toGroup(row),
  origins: row.origins,
  underScim: row.under_scim,
});
