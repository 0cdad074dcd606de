import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which secret a client got an access token, which ends with it. Only adds; tokens that are there live half an hour at most. */
export class TokensOfSecrets1764195000000 implements MigrationInterface {
  name = 'TokensOfSecrets1764195000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- null: the client proved itself with a key.
      ALTER TABLE access_tokens ADD COLUMN secret_id uuid,
        ADD FOREIGN KEY (organization_id, secret_id) REFERENCES client_secrets (organization_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE access_tokens DROP COLUMN secret_id`);
  }
}
