import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the guards count, hold and remember. Only adds. Counts are of people, not of requests, so that a retry counts once; rows are
 * found by connection and time.
 */
export class Guards1764160000000 implements MigrationInterface {
  name = 'Guards1764160000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GUARDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE held_removals, group_resets, access_ends, guard_states;`);
  }
}

const GUARDS = `
  -- One row a guard that ever had to decide. Whoever counts holds its lock, on whichever node.
  CREATE TABLE guard_states (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    guard text NOT NULL CHECK (guard IN ('removals', 'deprovisioning')),
    -- An operator said that what came before was meant.
    counted_from timestamptz,
    -- An operator lets everything pass until then.
    open_until timestamptz,
    held_since timestamptz,
    -- The threshold that was crossed: raising it resumes.
    held_threshold jsonb,
    PRIMARY KEY (organization_id, connection_id, guard),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );

  -- People whose access the SCIM client of a connection ended, and when.
  CREATE TABLE access_ends (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    user_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connection_id, user_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
  CREATE INDEX access_ends_at ON access_ends (organization_id, connection_id, at);

  -- People whose groups follow their sign-ins: when the last one was, and since when sign-ins give them no group any more.
  CREATE TABLE group_resets (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    user_id uuid NOT NULL,
    at timestamptz NOT NULL,
    emptied_at timestamptz,
    PRIMARY KEY (organization_id, connection_id, user_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
  CREATE INDEX group_resets_at ON group_resets (organization_id, connection_id, at);

  -- Removals that a sign-in planned and the guard held: of each person those of the last sign-in.
  CREATE TABLE held_removals (
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    user_id uuid NOT NULL,
    group_ids uuid[] NOT NULL CHECK (cardinality(group_ids) > 0),
    -- Would the person have been left without any group?
    every_group boolean NOT NULL,
    -- The groups the assertion spoke of, to plan again by; shape: src/reconciliation/changes.ts
    asserted jsonb NOT NULL,
    held_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connection_id, user_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
`;
