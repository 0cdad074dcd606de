import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Sessions know when they were last used and, where their organization wants that, until when they may rest. The default lets nodes of
 * the version before go on opening sessions. The index over the NameID is what a logout of the IdP asks for, and its beginning what the
 * sessions of a connection are found by.
 */
export class SessionLifetimes1764260000000 implements MigrationInterface {
  name = 'SessionLifetimes1764260000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE organizations ADD COLUMN session_idle_seconds integer CHECK (session_idle_seconds > 0);
      ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN idle_until timestamptz;
      UPDATE sessions SET last_seen_at = created_at;
      CREATE INDEX sessions_live_of_subject ON sessions (organization_id, connection_id, name_id) WHERE revoked_at IS NULL;
      CREATE INDEX sessions_expiry ON sessions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX sessions_expiry, sessions_live_of_subject;
      ALTER TABLE sessions DROP COLUMN idle_until, DROP COLUMN last_seen_at;
      ALTER TABLE organizations DROP COLUMN session_idle_seconds;
    `);
  }
}
