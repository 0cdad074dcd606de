import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One-time recovery codes of break-glass people, and what guards them. A sign-in with one has no connection and no subject. Only adds
 * and loosens: nodes of the version before go on opening sessions over connections.
 */
export class RecoveryCodes1764250100000 implements MigrationInterface {
  name = 'RecoveryCodes1764250100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recovery_codes (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        code_hash bytea NOT NULL,
        last_four text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (organization_id, id),
        UNIQUE (organization_id, code_hash),
        FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
      );
      CREATE INDEX recovery_codes_of_user ON recovery_codes (organization_id, user_id, id);

      -- How many attempts were made of late, from where and for whom: src/sessions/count-attempt.ts
      CREATE TABLE recovery_attempts (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        key text NOT NULL,
        level double precision NOT NULL,
        at timestamptz NOT NULL,
        told_at timestamptz,
        PRIMARY KEY (organization_id, key)
      );
      CREATE INDEX recovery_attempts_age ON recovery_attempts (at);

      ALTER TABLE sessions
        ALTER COLUMN connection_id DROP NOT NULL,
        ALTER COLUMN name_id_format DROP NOT NULL,
        ALTER COLUMN name_qualifier DROP NOT NULL,
        ALTER COLUMN name_id DROP NOT NULL,
        ADD CONSTRAINT sessions_subject CHECK ((connection_id IS NULL) = (name_id IS NULL));

      ALTER TABLE sign_ins ALTER COLUMN connection_id DROP NOT NULL;
      -- A person reads out the code and not the organization.
      CREATE INDEX sign_ins_of_incident ON sign_ins (incident_code);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE recovery_codes, recovery_attempts;
      DROP INDEX sign_ins_of_incident;
      DELETE FROM sign_ins WHERE connection_id IS NULL;
      ALTER TABLE sign_ins ALTER COLUMN connection_id SET NOT NULL;
      DELETE FROM sessions WHERE connection_id IS NULL;
      ALTER TABLE sessions
        DROP CONSTRAINT sessions_subject,
        ALTER COLUMN connection_id SET NOT NULL,
        ALTER COLUMN name_id_format SET NOT NULL,
        ALTER COLUMN name_qualifier SET NOT NULL,
        ALTER COLUMN name_id SET NOT NULL;
    `);
  }
}
