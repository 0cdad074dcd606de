import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which expiry of which certificate was told already. Only adds. */
export class CertificateWarnings1764220100000 implements MigrationInterface {
  name = 'CertificateWarnings1764220100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE certificate_warnings (
        organization_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        fingerprint text NOT NULL,
        -- 30, 7 or 1: so many days before it expires.
        threshold_days integer NOT NULL,
        warned_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, connection_id, fingerprint, threshold_days),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE certificate_warnings`);
  }
}
