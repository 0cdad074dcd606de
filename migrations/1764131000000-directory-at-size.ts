import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What very large directories need: exact totals of people and groups without counting them, names in one order for looking up and for
 * sorting, and an index for readers of what changed.
 */
export class DirectoryAtSize1764131000000 implements MigrationInterface {
  name = 'DirectoryAtSize1764131000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TOTALS);
    await runner.query(TRIGGERS);
    await runner.query(BACKFILL);
    await runner.query(`
      -- Compared forms do not depend on a locale; in code point order the same index answers "equals", "starts with" and "sorted by".
      ALTER TABLE users ALTER COLUMN user_name_key TYPE text COLLATE "C";
      ALTER TABLE groups ALTER COLUMN display_name_key TYPE text COLLATE "C";
      CREATE INDEX users_updated_at ON users (organization_id, updated_at) WHERE deleted_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX users_updated_at;
      ALTER TABLE groups ALTER COLUMN display_name_key TYPE text COLLATE pg_catalog."default";
      ALTER TABLE users ALTER COLUMN user_name_key TYPE text COLLATE pg_catalog."default";
      DROP TRIGGER users_counted_in ON users;
      DROP TRIGGER users_counted_over ON users;
      DROP TRIGGER users_counted_out ON users;
      DROP TRIGGER groups_counted_in ON groups;
      DROP TRIGGER groups_counted_out ON groups;
      DROP FUNCTION count_users_in, count_user_over, count_users_out, count_groups_in, count_groups_out;
      DROP FUNCTION change_directory_total;
      DROP TABLE directory_totals;
    `);
  }
}

const TOTALS = `
  -- The sum of "change" is how many there are. Every transaction adds a row of its own, so that none waits for another and a rollback
  -- takes its part back; now and then one of them replaces the rows nobody holds by their sum.
  CREATE TABLE directory_totals (
    organization_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('user', 'group')),
    id bigint GENERATED ALWAYS AS IDENTITY,
    change bigint NOT NULL,
    PRIMARY KEY (organization_id, kind, id)
  );

  CREATE FUNCTION change_directory_total(organization uuid, what text, difference bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE number bigint;
    BEGIN
      INSERT INTO directory_totals (organization_id, kind, change) VALUES (organization, what, difference) RETURNING id INTO number;
      IF number % 32 = 0 THEN
        WITH free AS (
          SELECT t.kind, t.id FROM directory_totals t WHERE t.organization_id = organization FOR UPDATE SKIP LOCKED
        ), taken AS (
          DELETE FROM directory_totals t USING free
          WHERE t.organization_id = organization AND t.kind = free.kind AND t.id = free.id RETURNING t.kind, t.change
        )
        INSERT INTO directory_totals (organization_id, kind, change)
        SELECT organization, taken.kind, sum(taken.change) FROM taken GROUP BY taken.kind;
      END IF;
    END $$;
`;

/** Whoever writes, and however: the totals are right by construction. Only living people count. */
const counting = (name: string, what: string, rows: string, sign: '' | '-', living: string) => `
  CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM change_directory_total(c.organization_id, '${what}', ${sign}c.n)
      FROM (SELECT organization_id, count(*) AS n FROM ${rows} ${living} GROUP BY organization_id) c;
      RETURN NULL;
    END $$;`;

const TRIGGERS = `
  ${counting('count_users_in', 'user', 'inserted', '', 'WHERE deleted_at IS NULL')}
  CREATE TRIGGER users_counted_in AFTER INSERT ON users
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION count_users_in();
  ${counting('count_users_out', 'user', 'removed', '-', 'WHERE deleted_at IS NULL')}
  CREATE TRIGGER users_counted_out AFTER DELETE ON users
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_users_out();

  -- People become tombstones one at a time; other updates do not come here.
  CREATE FUNCTION count_user_over() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM change_directory_total(NEW.organization_id, 'user', CASE WHEN NEW.deleted_at IS NULL THEN 1 ELSE -1 END);
      RETURN NULL;
    END $$;
  CREATE TRIGGER users_counted_over AFTER UPDATE ON users
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION count_user_over();

  ${counting('count_groups_in', 'group', 'inserted', '', '')}
  CREATE TRIGGER groups_counted_in AFTER INSERT ON groups
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION count_groups_in();
  ${counting('count_groups_out', 'group', 'removed', '-', '')}
  CREATE TRIGGER groups_counted_out AFTER DELETE ON groups
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_groups_out();
`;

/** The triggers' locks keep writers out until this is committed. */
const BACKFILL = `
  INSERT INTO directory_totals (organization_id, kind, change)
  SELECT organization_id, 'user', count(*) FROM users WHERE deleted_at IS NULL GROUP BY organization_id
  UNION ALL SELECT organization_id, 'group', count(*) FROM groups GROUP BY organization_id;
`;
