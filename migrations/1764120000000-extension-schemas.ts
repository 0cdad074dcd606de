import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Extension schemas of connections, and the values of the attributes they declare unique. */
export class ExtensionSchemas1764120000000 implements MigrationInterface {
  name = 'ExtensionSchemas1764120000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- {revision, extensions}: src/organizations/connection.ts; null: none declared. On the connection, so that authenticating a
      -- request reads it with everything else.
      ALTER TABLE connections ADD COLUMN declared_schemas jsonb;

      -- What the connections of the organization declare unique: src/organizations/unique-attributes.ts. Every write of a person or
      -- group reads it under a lock on the row, so that none slips past a declaration.
      ALTER TABLE organizations ADD COLUMN unique_attributes jsonb NOT NULL DEFAULT '[]';

      CREATE TABLE unique_values (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        subject text NOT NULL CHECK (subject IN ('user', 'group')),
        -- As clients write it: URN ":" name, and "." sub-attribute.
        attribute text NOT NULL,
        -- The compared form; a digest of it where it is long.
        value_key text NOT NULL,
        owner_id uuid NOT NULL,
        PRIMARY KEY (organization_id, subject, attribute, value_key)
      );
      CREATE INDEX unique_values_owner ON unique_values (organization_id, owner_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE unique_values;
      ALTER TABLE organizations DROP COLUMN unique_attributes;
      ALTER TABLE connections DROP COLUMN declared_schemas;
    `);
  }
}
