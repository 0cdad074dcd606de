import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was received and checked at recent sign-ins, and sign-ins of operators that change nothing; both encrypted. Only adds. */
export class SignInDetails1764270000000 implements MigrationInterface {
  name = 'SignInDetails1764270000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SIGN_IN_DETAILS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM login_requests WHERE test_sign_in_id IS NOT NULL;
      ALTER TABLE login_requests DROP COLUMN test_sign_in_id;
      DROP TABLE sign_in_details, test_sign_ins;
    `);
  }
}

const SIGN_IN_DETAILS = `
  CREATE TABLE sign_in_details (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    sign_in_id uuid NOT NULL,
    at timestamptz NOT NULL,
    -- Sealed with a data key of the organization.
    detail bytea NOT NULL,
    PRIMARY KEY (organization_id, connection_id, sign_in_id),
    FOREIGN KEY (organization_id, sign_in_id) REFERENCES sign_ins (organization_id, id)
  );
  CREATE INDEX sign_in_details_age ON sign_in_details (at);

  CREATE TABLE test_sign_ins (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- Of the address that begins it, once and in time.
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    -- What was found, sealed.
    result bytea,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, token_hash),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  CREATE INDEX test_sign_ins_age ON test_sign_ins (created_at);

  -- The test that the request belongs to: its answer changes nothing.
  ALTER TABLE login_requests ADD COLUMN test_sign_in_id uuid;
  ALTER TABLE login_requests ADD FOREIGN KEY (organization_id, test_sign_in_id)
    REFERENCES test_sign_ins (organization_id, id);
  CREATE INDEX login_requests_of_test ON login_requests (organization_id, test_sign_in_id) WHERE test_sign_in_id IS NOT NULL;
`;
