import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Members that a provisioning client named before their user is there. Only adds. */
export class WaitingReferences1764161000000 implements MigrationInterface {
  name = 'WaitingReferences1764161000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE waiting_members (
        organization_id uuid NOT NULL,
        group_id uuid NOT NULL,
        -- As the client of the connection gave it: an id, or its own key of the user.
        value text NOT NULL,
        connection_id uuid NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, group_id, value),
        FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );
      CREATE INDEX waiting_members_value ON waiting_members (organization_id, connection_id, value);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE waiting_members;`);
  }
}
