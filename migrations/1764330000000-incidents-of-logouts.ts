import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A person reads out the code of a refused logout, and not the organization. */
export class IncidentsOfLogouts1764330000000 implements MigrationInterface {
  name = 'IncidentsOfLogouts1764330000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX logouts_of_incident ON logouts (incident_code)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX logouts_of_incident`);
  }
}
