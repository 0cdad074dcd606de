import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What came of logout messages of IdPs, and what is asked of IdPs. */
export class SingleLogout1764260100000 implements MigrationInterface {
  name = 'SingleLogout1764260100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Logout messages of IdPs, taken or refused. One that was taken is taken once, and counts for assertions that arrive late.
      CREATE TABLE logouts (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        connection_id uuid NOT NULL,
        -- Shown to the person whose browser brought it, so that the operator can look it up.
        incident_code text NOT NULL,
        at timestamptz NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('accepted', 'rejected')),
        reason text,
        -- The check that failed with got and wanted; never the raw document.
        detail jsonb,
        correlation_id text NOT NULL,
        -- Only of those that were taken; no format: any, no indexes: all sessions.
        request_id text,
        name_id text,
        name_id_format text,
        name_qualifiers text[],
        session_indexes text[],
        issued_at timestamptz,
        valid_until timestamptz,
        sessions_ended integer,
        PRIMARY KEY (organization_id, id),
        UNIQUE (organization_id, incident_code),
        UNIQUE (organization_id, connection_id, request_id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
        CHECK ((outcome = 'accepted') = (request_id IS NOT NULL))
      );
      CREATE INDEX logouts_of_subject ON logouts (organization_id, connection_id, name_id) WHERE outcome = 'accepted';

      -- Requests of ours under way: what an answer is matched to, and what the page says afterwards.
      CREATE TABLE logout_requests (
        organization_id uuid NOT NULL,
        id text NOT NULL,
        connection_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        -- confirmed, partial or refused; null: no answer that could be believed.
        outcome text CHECK (outcome IN ('confirmed', 'partial', 'refused')),
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
      );
      CREATE INDEX logout_requests_expiry ON logout_requests (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE logout_requests, logouts`);
  }
}
