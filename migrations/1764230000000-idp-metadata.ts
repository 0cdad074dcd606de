import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Metadata of IdPs that is fetched from an address and kept up to date. Only adds. */
export class IdpMetadata1764230000000 implements MigrationInterface {
  name = 'IdpMetadata1764230000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Which product the IdP is; null: nobody said.
      ALTER TABLE connections ADD COLUMN preset text;
      -- Until when the IdP's metadata lets itself be believed; null: for good.
      ALTER TABLE connections ADD COLUMN metadata_valid_until timestamptz;
      -- The one that operators were told of.
      ALTER TABLE connections ADD COLUMN metadata_expiry_told timestamptz;

      CREATE TABLE metadata_sources (
        organization_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        url text NOT NULL,
        -- Certificate that must have signed the document, PEM; null: TLS is enough.
        signer text,
        etag text,
        last_modified text,
        last_fetched_at timestamptz NOT NULL,
        last_succeeded_at timestamptz NOT NULL,
        last_error text,
        failures integer NOT NULL DEFAULT 0,
        told_failing_at timestamptz,
        interval_seconds integer NOT NULL,
        next_fetch_at timestamptz NOT NULL,
        -- Who is at it, and until when nobody else is.
        claim uuid,
        claimed_until timestamptz,
        -- Certificates that the document no longer has and that are still believed: [{certificate, since}].
        leaving jsonb NOT NULL DEFAULT '[]',
        -- Addresses that wait for an operator: {ssoUrl, singleLogout, since}.
        held jsonb,
        PRIMARY KEY (organization_id, connection_id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );
      CREATE INDEX metadata_sources_due ON metadata_sources (next_fetch_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE metadata_sources;
      ALTER TABLE connections DROP COLUMN preset, DROP COLUMN metadata_valid_until, DROP COLUMN metadata_expiry_told;
    `);
  }
}
