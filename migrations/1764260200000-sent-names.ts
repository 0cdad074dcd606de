import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A logout names a person as the IdP did, letter by letter, while we recognise people by the name in one spelling. */
export class SentNames1764260200000 implements MigrationInterface {
  name = 'SentNames1764260200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Shape: src/sessions/sent-name.ts
      ALTER TABLE sessions ADD COLUMN sent_name jsonb;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sessions DROP COLUMN sent_name`);
  }
}
