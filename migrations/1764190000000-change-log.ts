import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The log of changes answers for one person which groups they came into and left, also where an entry names a thousand people. */
export class ChangeLog1764190000000 implements MigrationInterface {
  name = 'ChangeLog1764190000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX audit_entries_members ON audit_entries USING gin ((changes -> 'members') jsonb_path_ops)
        WHERE changes ? 'members';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX audit_entries_members`);
  }
}
