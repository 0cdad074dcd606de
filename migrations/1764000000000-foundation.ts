import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Conventions:
 * - Tenant tables: primary key, unique indexes and foreign keys start with organization_id (rule R8).
 * - `*_key` columns hold the compared form of a name (NFKC, lower case), computed by the application, so that the result does not
 *   depend on the database's locale.
 * - Rows that are only read by id or in id order need no further index: ids are time-ordered UUIDs.
 */
export class Foundation1764000000000 implements MigrationInterface {
  name = 'Foundation1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ORGANIZATIONS);
    await runner.query(DIRECTORY);
    await runner.query(SIGN_IN);
    await runner.query(RECORDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE audit_entries, outbox_events, sign_ins, sessions, used_assertions, login_requests, memberships, identities,
        groups, users, scim_tokens, verified_domains, domains, connections, organizations, admin_tokens;
    `);
  }
}

const ORGANIZATIONS = `
  -- Operators' bearer tokens belong to the server, not to an organization.
  CREATE TABLE admin_tokens (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    last_four text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
  );

  CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    -- Ordered, the most powerful first.
    roles text[] NOT NULL CHECK (cardinality(roles) > 0),
    session_lifetime_seconds integer NOT NULL CHECK (session_lifetime_seconds > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  );

  CREATE TABLE connections (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    disabled_reason text,
    jit boolean NOT NULL,
    scim boolean NOT NULL,
    -- Shapes: src/organizations/connection.ts
    provisioning jsonb NOT NULL,
    saml jsonb,
    attribute_mapping jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
  );
  -- The ACS address names only the connection: the one place where the organization is found, not given.
  CREATE INDEX connections_by_id ON connections (id);

  CREATE TABLE scim_tokens (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    last_four text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, token_hash),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );

  CREATE TABLE domains (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    domain text NOT NULL CHECK (domain = lower(domain)),
    verification_token text NOT NULL,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    verified_by text,
    PRIMARY KEY (organization_id, domain)
  );
  -- A verified domain belongs to one organization of the whole server: the registry over all of them.
  CREATE TABLE verified_domains (
    domain text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id)
  );
`;

const DIRECTORY = `
  CREATE TABLE users (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    -- The connection whose authority provenance speaks of; of a tombstone, the one that deleted it.
    connection_id uuid,
    provenance text NOT NULL CHECK (provenance IN ('manual', 'jit', 'scim')),
    active boolean NOT NULL,
    user_name text NOT NULL,
    user_name_key text NOT NULL,
    external_id text,
    -- Every e-mail value in compared form.
    email_keys text[] NOT NULL,
    -- All other SCIM attributes, canonical spelling, without schemas, id, meta, groups, userName, externalId and active.
    attributes jsonb NOT NULL,
    -- The role the person has without any group; groups can raise it.
    role text NOT NULL,
    break_glass boolean NOT NULL DEFAULT false,
    -- A manual user whom an operator allowed SCIM to take over.
    scim_link_approved boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    CHECK (deleted_at IS NULL OR NOT active)
  );
  -- A late page of the list is found without reading the rows of the earlier ones.
  CREATE INDEX users_in_order ON users (organization_id, id) WHERE deleted_at IS NULL;
  -- After users_in_order: of indexes that seem equal, as all do until a table is first analyzed, PostgreSQL takes the later one.
  CREATE UNIQUE INDEX users_user_name ON users (organization_id, user_name_key) WHERE deleted_at IS NULL;
  CREATE INDEX users_external_id ON users (organization_id, external_id) WHERE external_id IS NOT NULL;
  CREATE INDEX users_emails ON users USING gin (email_keys) WITH (fastupdate = off);
  -- For the last-admin guard; most people have the least powerful role, which nobody asks for.
  CREATE INDEX users_role ON users (organization_id, role) WHERE active;
  CREATE INDEX users_tombstones ON users (organization_id, user_name_key) WHERE deleted_at IS NOT NULL;

  CREATE TABLE identities (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name_id_format text NOT NULL,
    name_qualifier text NOT NULL,
    name_id text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connection_id, name_id_format, name_qualifier, name_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
  CREATE INDEX identities_user ON identities (organization_id, user_id);
  CREATE INDEX identities_name_id ON identities (organization_id, connection_id, name_id);

  CREATE TABLE groups (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    connection_id uuid,
    provenance text NOT NULL CHECK (provenance IN ('manual', 'scim')),
    login_policy text NOT NULL CHECK (login_policy IN ('authoritative', 'own', 'additive', 'ignore')),
    protected boolean NOT NULL,
    -- Every member of the organization is in it; no reset touches it.
    is_default boolean NOT NULL,
    -- The role its members have at least.
    role text,
    display_name text NOT NULL,
    display_name_key text NOT NULL,
    -- display_name_key, or null where the connection allows several groups of one name.
    unique_name_key text,
    external_id text,
    attributes jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE UNIQUE INDEX groups_unique_name ON groups (organization_id, unique_name_key);
  CREATE INDEX groups_display_name ON groups (organization_id, display_name_key);
  CREATE INDEX groups_external_id ON groups (organization_id, external_id) WHERE external_id IS NOT NULL;

  CREATE TABLE memberships (
    organization_id uuid NOT NULL,
    group_id uuid NOT NULL,
    user_id uuid NOT NULL,
    -- Why this person is in this group: manual, jit:<connection id>, scim, default.
    origins text[] NOT NULL CHECK (cardinality(origins) > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
  CREATE INDEX memberships_user ON memberships (organization_id, user_id, group_id);
`;

const SIGN_IN = `
  -- AuthnRequests under way; consumed by exactly one answer.
  CREATE TABLE login_requests (
    organization_id uuid NOT NULL,
    id text NOT NULL,
    connection_id uuid NOT NULL,
    relay_state_hash bytea NOT NULL,
    browser_hash bytea NOT NULL,
    target_url text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE INDEX login_requests_expiry ON login_requests (expires_at);

  -- Assertions that were accepted once, until they expire.
  CREATE TABLE used_assertions (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    assertion_id text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connection_id, assertion_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);

  CREATE TABLE sessions (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name_id_format text NOT NULL,
    name_qualifier text NOT NULL,
    name_id text NOT NULL,
    session_index text,
    authenticated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, token_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE INDEX sessions_live_of_user ON sessions (organization_id, user_id) WHERE revoked_at IS NULL;

  -- One row for every answer an IdP sent us, accepted or not, with the decision.
  CREATE TABLE sign_ins (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- Shown to the person who was refused, so that the operator can look it up.
    incident_code text NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'rejected')),
    reason text,
    matched_by text,
    user_id uuid,
    session_id uuid,
    -- What the assertion said after mapping; never the raw document.
    claims jsonb,
    -- The whole decision, or the check that failed with got and wanted.
    decision jsonb NOT NULL,
    correlation_id text NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, incident_code),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE INDEX sign_ins_of_user ON sign_ins (organization_id, user_id, id) WHERE user_id IS NOT NULL;
  CREATE INDEX sign_ins_of_connection ON sign_ins (organization_id, connection_id, id);
`;

const RECORDS = `
  CREATE TABLE outbox_events (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    type text NOT NULL,
    subject_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
  );
  CREATE INDEX outbox_events_subject ON outbox_events (organization_id, subject_id, id);

  CREATE TABLE audit_entries (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    action text NOT NULL,
    target_type text NOT NULL,
    target_id text NOT NULL,
    -- Attribute or relation -> old and new value; shape: src/audit/audit-log.service.ts
    changes jsonb NOT NULL,
    correlation_id text NOT NULL,
    PRIMARY KEY (organization_id, id)
  );
  CREATE INDEX audit_entries_target ON audit_entries (organization_id, target_id, id);
`;
