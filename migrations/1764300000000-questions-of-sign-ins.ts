import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nobody's session is replaced without a question, and logouts without a format find e-mail addresses in any case. Only adds. */
export class QuestionsOfSignIns1764300000000 implements MigrationInterface {
  name = 'QuestionsOfSignIns1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Somebody may have been signed in where it was begun: its answer must not take their place unasked.
      ALTER TABLE login_requests ADD COLUMN may_replace boolean NOT NULL DEFAULT false;
      CREATE INDEX logouts_of_address ON logouts (organization_id, connection_id, lower(name_id))
        WHERE outcome = 'accepted' AND name_id_format IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX logouts_of_address;
      ALTER TABLE login_requests DROP COLUMN may_replace;
    `);
  }
}
