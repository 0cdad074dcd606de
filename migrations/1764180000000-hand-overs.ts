import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hand-overs between sign-ins and SCIM, with what they changed, so that they can be undone until they are confirmed. Only adds. */
export class HandOvers1764180000000 implements MigrationInterface {
  name = 'HandOvers1764180000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HAND_OVERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE hand_over_changes, hand_overs;`);
  }
}

const HAND_OVERS = `
  CREATE TABLE hand_overs (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    choice text NOT NULL CHECK (choice IN ('to-scim', 'freeze', 'to-jit', 'to-manual', 'deactivate')),
    state text NOT NULL CHECK (state IN ('open', 'undone', 'confirmed')),
    -- The switch of the connection before.
    scim_before boolean NOT NULL,
    people integer NOT NULL,
    -- Groups that became groups made by hand.
    group_ids uuid[] NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
  );
  -- One at a time: an older one could not be undone under a newer one.
  CREATE UNIQUE INDEX hand_overs_open ON hand_overs (organization_id, connection_id) WHERE state = 'open';

  -- How a person was before; gone once the hand-over is confirmed or undone.
  CREATE TABLE hand_over_changes (
    organization_id uuid NOT NULL,
    hand_over_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provenance text NOT NULL,
    connection_id uuid,
    active boolean NOT NULL,
    -- Groups the SCIM client had put them into.
    group_ids uuid[] NOT NULL,
    -- After the change: whoever changed the person since has moved it.
    version bigint NOT NULL,
    PRIMARY KEY (organization_id, hand_over_id, user_id),
    FOREIGN KEY (organization_id, hand_over_id) REFERENCES hand_overs (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
  );
`;
