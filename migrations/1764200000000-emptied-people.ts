import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The people whom sign-ins left without a group are few: the guard finds them without going through all who signed in. Only adds. */
export class EmptiedPeople1764200000000 implements MigrationInterface {
  name = 'EmptiedPeople1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX group_resets_emptied ON group_resets (organization_id, connection_id, emptied_at) WHERE emptied_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX group_resets_emptied;`);
  }
}
