import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From where a provisioning client may come, and how many requests it makes. Only adds. */
export class ClientLimits1764140000000 implements MigrationInterface {
  name = 'ClientLimits1764140000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE scim_tokens
        -- Addresses and ranges in CIDR form; null: from anywhere.
        ADD COLUMN allowed_addresses text[] CHECK (cardinality(allowed_addresses) > 0),
        -- The last use from another address that was noted.
        ADD COLUMN last_refused_at timestamptz,
        ADD COLUMN last_refused_address text;

      -- How full the bucket of a connection's requests is, as its nodes have reported (src/organizations/shared-bucket.ts).
      -- updated_at is the database's clock, the one that all nodes share.
      CREATE TABLE request_levels (
        organization_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        level double precision NOT NULL,
        per_second double precision NOT NULL,
        burst double precision NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, connection_id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE request_levels;
      ALTER TABLE scim_tokens DROP COLUMN allowed_addresses, DROP COLUMN last_refused_at, DROP COLUMN last_refused_address;
    `);
  }
}
