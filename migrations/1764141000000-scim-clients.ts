import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Provisioning clients that get their access tokens by OAuth 2.0 client credentials. Only adds. */
export class ScimClients1764141000000 implements MigrationInterface {
  name = 'ScimClients1764141000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE scim_clients (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        connection_id uuid NOT NULL,
        name text NOT NULL,
        -- Its public keys (RFC 7517); null: it has secrets instead.
        jwks jsonb,
        allowed_addresses text[] CHECK (cardinality(allowed_addresses) > 0),
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        last_refused_at timestamptz,
        last_refused_address text,
        revoked_at timestamptz,
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );

      CREATE TABLE client_secrets (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        client_id uuid NOT NULL,
        secret_hash bytea NOT NULL,
        last_four text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (organization_id, id),
        UNIQUE (organization_id, secret_hash),
        FOREIGN KEY (organization_id, client_id) REFERENCES scim_clients (organization_id, id)
      );
      CREATE INDEX client_secrets_of_client ON client_secrets (organization_id, client_id, id);

      CREATE TABLE access_tokens (
        organization_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        client_id uuid NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, token_hash),
        FOREIGN KEY (organization_id, client_id) REFERENCES scim_clients (organization_id, id)
      );
      CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

      -- Client assertions that were accepted once, until they expire.
      CREATE TABLE used_client_assertions (
        organization_id uuid NOT NULL,
        client_id uuid NOT NULL,
        jti_hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, client_id, jti_hash),
        FOREIGN KEY (organization_id, client_id) REFERENCES scim_clients (organization_id, id)
      );
      CREATE INDEX used_client_assertions_expiry ON used_client_assertions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE used_client_assertions, access_tokens, client_secrets, scim_clients`);
  }
}
