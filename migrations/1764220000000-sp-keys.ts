import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Key pairs of the service provider that each connection is. Only adds. */
export class SpKeys1764220000000 implements MigrationInterface {
  name = 'SpKeys1764220000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sp_keys (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        connection_id uuid NOT NULL,
        use text NOT NULL CHECK (use IN ('signing', 'encryption')),
        state text NOT NULL CHECK (state IN ('next', 'active', 'previous', 'retired')),
        certificate text NOT NULL,
        -- Sealed by the vault; gone when the key is retired.
        sealed_private_key bytea,
        not_before timestamptz NOT NULL,
        not_after timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        activated_at timestamptz,
        retired_at timestamptz,
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
        CHECK ((sealed_private_key IS NULL) = (state = 'retired'))
      );
      CREATE UNIQUE INDEX sp_keys_live ON sp_keys (organization_id, connection_id, use, state) WHERE state <> 'retired';
      CREATE INDEX sp_keys_of_connection ON sp_keys (organization_id, connection_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sp_keys`);
  }
}
