import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What one SCIM client did in a window of time is found by an index: the undo reads it. */
export class ChangesOfAClient1764210000000 implements MigrationInterface {
  name = 'ChangesOfAClient1764210000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX audit_entries_client ON audit_entries (organization_id, actor_id, at) WHERE actor_kind = 'scim-client';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX audit_entries_client`);
  }
}
