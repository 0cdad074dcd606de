import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old records of sign-ins and logouts are found and deleted without reading the others; what a sign-in changed is found by its correlation id. */
export class RecordsByAge1764290000000 implements MigrationInterface {
  name = 'RecordsByAge1764290000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX sign_ins_age ON sign_ins (at);
      CREATE INDEX logouts_age ON logouts (at);
      CREATE INDEX audit_entries_sign_in ON audit_entries (organization_id, correlation_id) WHERE actor_kind = 'sign-in';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX sign_ins_age, logouts_age, audit_entries_sign_in`);
  }
}
