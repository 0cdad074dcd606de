import { randomInt } from 'node:crypto';
import { freshDatabase, startTestServer, type TestDatabase } from '../support/app.js';
import { startChild } from '../support/child.js';
import { createTenant } from '../support/scenario.js';

/** A process that dies in the middle of writing loses nothing it has acknowledged and leaves nothing half done. */
describe('kill -9 in the middle of writing', () => {
  const ROUNDS = 5;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('keeps every acknowledged user with its event and audit entry, and no half of any', async () => {
    const preparing = await startTestServer({}, database);
    const { organization, connection } = await createTenant(preparing);
    await preparing.close();

    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild(['test/support/endless-writer.mjs'], {
        ...database.environment,
        LOG_LEVEL: 'silent',
        ORGANIZATION: organization.id,
        CONNECTION: connection.id,
      });
      await child.printed(/\n/);
      await new Promise((resolve) => setTimeout(resolve, randomInt(50, 500)));
      await child.kill();
      // The last line may have been cut off by the kill; whole lines are acknowledgements.
      acknowledged.push(...child.output.stdout.split('\n').slice(0, -1));
    }

    const server = await startTestServer({}, database);
    try {
      const ids = async (sql: string) => (await server.sql<{ id: string }>(sql)).map(({ id }) => id).sort();
      const users = await ids(`SELECT id FROM users`);
      expect(acknowledged.length).toBeGreaterThan(ROUNDS * 5);
      const present = new Set(users);
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
      // Written but not acknowledged in time: at most one transaction of each writer of each round.
      expect(users.length - acknowledged.length).toBeLessThanOrEqual(ROUNDS * 4);
      expect(await ids(`SELECT subject_id AS id FROM outbox_events WHERE type = 'user.created'`)).toEqual(users);
      expect(await ids(`SELECT target_id AS id FROM audit_entries WHERE action = 'user.created'`)).toEqual(users);
    } finally {
      await server.close();
    }
  });
});
