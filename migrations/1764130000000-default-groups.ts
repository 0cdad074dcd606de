import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everybody who is created joins the default groups: they are found without going through all groups of the organization. */
export class DefaultGroups1764130000000 implements MigrationInterface {
  name = 'DefaultGroups1764130000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX groups_default ON groups (organization_id, id) WHERE is_default`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX groups_default`);
  }
}
