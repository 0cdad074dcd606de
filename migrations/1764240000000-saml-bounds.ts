import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a connection may allow has become less; what was more becomes the most, so that no connection is unusable by it. */
export class SamlBounds1764240000000 implements MigrationInterface {
  name = 'SamlBounds1764240000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [setting, most] of [
      ['clockSkewSeconds', 300],
      ['maxElements', 5000],
    ] as const) {
      await runner.query(
        `UPDATE connections SET saml = jsonb_set(saml, ARRAY[$1::text], to_jsonb($2::int))
         WHERE CASE WHEN jsonb_typeof(saml -> $1::text) = 'number' THEN (saml -> $1::text)::numeric > $2::int ELSE false END`,
        [setting, most],
      );
    }
  }

  /** What a setting was before is not known any more, and need not be: every value there is may be there. */
  async down(): Promise<void> {}
}
