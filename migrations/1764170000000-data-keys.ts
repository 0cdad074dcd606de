import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Envelope encryption of secrets at rest: each organization's data keys, wrapped with a master key that is not in the database. */
export class DataKeys1764170000000 implements MigrationInterface {
  name = 'DataKeys1764170000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE data_keys (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        id uuid NOT NULL,
        wrapped bytea NOT NULL,
        -- Digits of the master key's hash: which of the configured ones opens it.
        master_key_name text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE data_keys;`);
  }
}
