import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where people of an e-mail domain sign in. Only adds. */
export class SignInRoutes1764250000000 implements MigrationInterface {
  name = 'SignInRoutes1764250000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE domains
        -- An operator's word; null: over whichever connections the organization has.
        ADD COLUMN connection_id uuid,
        ADD FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE domains DROP COLUMN connection_id;`);
  }
}
