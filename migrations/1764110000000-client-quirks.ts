import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the provisioning client of each connection has been seen to do; see src/scim/protocol/quirks. */
export class ClientQuirks1764110000000 implements MigrationInterface {
  name = 'ClientQuirks1764110000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE client_quirks (
        organization_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        quirk text NOT NULL,
        -- Requests, not occurrences in them.
        requests bigint NOT NULL CHECK (requests > 0),
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        -- Of the last of these requests.
        user_agent text,
        PRIMARY KEY (organization_id, connection_id, quirk),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE client_quirks');
  }
}
