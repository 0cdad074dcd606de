import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is counted of each organization for the metrics. Only adds. */
export class Measurements1764200100000 implements MigrationInterface {
  name = 'Measurements1764200100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE measurements (
        organization_id uuid PRIMARY KEY REFERENCES organizations (id),
        -- A node has begun; if it died meanwhile, another one begins when this is old.
        started_at timestamptz NOT NULL,
        -- Shapes: src/audit/measurements.service.ts
        people jsonb,
        drift jsonb,
        measured_at timestamptz
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE measurements;`);
  }
}
