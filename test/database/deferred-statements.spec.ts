import { joinStatements, runDeferred } from '../../src/database/deferred-statements.js';

describe('statements that are left until the commit', () => {
  it('are one statement, each with the parameters it came with', () => {
    const joined = joinStatements([
      { sql: `INSERT INTO a VALUES ($1, $2)`, parameters: [1, 'one'] },
      { sql: `DELETE FROM b WHERE x = $2 AND y = $1 AND z = $1`, parameters: [2, 'two'] },
      { sql: `INSERT INTO c VALUES (1)`, parameters: [] },
      {
        sql: `INSERT INTO d VALUES (${Array.from({ length: 11 }, (_, n) => `$${n + 1}`).join(', ')})`,
        parameters: 'abcdefghijk'.split(''),
      },
    ]);
    expect(joined).toEqual({
      sql:
        'WITH s0 AS (INSERT INTO a VALUES ($1, $2)), s1 AS (DELETE FROM b WHERE x = $4 AND y = $3 AND z = $3), s2 AS (INSERT INTO c VALUES (1)), ' +
        's3 AS (INSERT INTO d VALUES ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)) SELECT',
      parameters: [1, 'one', 2, 'two', ...'abcdefghijk'],
    });
  });

  it('are what they were when there is one, and nothing when there is none', () => {
    const write = { sql: `INSERT INTO a VALUES ($1)`, parameters: [1] };
    expect(joinStatements([write])).toBe(write);
    expect(joinStatements([])).toBeUndefined();
  });

  it('ask what must be so, and fail as they were told', async () => {
    const failure = () => new Error('not so');
    const deferred = [
      { sql: `INSERT INTO a VALUES ($1)`, parameters: [1] },
      { sql: `SELECT 1 FROM b WHERE id = $1 FOR SHARE`, parameters: [2], failure },
    ];
    expect(joinStatements(deferred)).toEqual({
      sql:
        'WITH s0 AS (INSERT INTO a VALUES ($1)), s1 AS (SELECT 1 FROM b WHERE id = $2 FOR SHARE) ' +
        'SELECT EXISTS (SELECT 1 FROM s1) AS s1',
      parameters: [1, 2],
    });
    await runDeferred(deferred, async () => [{ s1: true }]);
    await expect(runDeferred(deferred, async () => [{ s1: false }])).rejects.toThrow('not so');
    await expect(runDeferred(deferred.slice(1), async () => [{ s0: false }])).rejects.toThrow('not so');
  });
});
