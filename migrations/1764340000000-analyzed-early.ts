import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['users', 'identities', 'groups', 'memberships', 'unique_values', 'audit_entries', 'outbox_events'];

/**
 * A new organization is soon known to the planner. Of one that came after the statistics were taken it expects no rows at all, so that
 * any index which begins with the organization looks as good as the one that leads to a single row, and each look-up reads all of the
 * organization. By default that lasts until a tenth of the table has changed: beside a million people, for a hundred thousand of the
 * newcomer's. To analyze one of these tables takes about a second, at most once a minute. Locks nobody out.
 */
export class AnalyzedEarly1764340000000 implements MigrationInterface {
  name = 'AnalyzedEarly1764340000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(
        `ALTER TABLE ${table} SET (autovacuum_analyze_scale_factor = 0.001, autovacuum_analyze_threshold = 1000)`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(`ALTER TABLE ${table} RESET (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)`);
    }
  }
}
