import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { conditionToSql } from '../../src/directory/condition-to-sql.js';
import type { Comparison, Condition, Operand, ValueType } from '../../src/directory/condition.js';
import { newId } from '../../src/platform/ids.js';
import { sortKeyToSql } from '../../src/directory/sort-key-to-sql.js';
import { Parameters } from '../../src/directory/parameters.js';
import { scopeOf } from '../../src/directory/statement-scope.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createOrganization } from '../support/scenario.js';

/** Conditions on documents that no writer of ours makes: a value of an unexpected JSON type does not match and does not throw. */
describe('conditions on odd documents', () => {
  let server: TestServer;
  let organizationId: string;

  const VALUES: unknown[] = [
    null,
    true,
    false,
    0,
    -1.5,
    1e300,
    '',
    'a',
    'A',
    '7',
    'true',
    '%',
    '2026-11-24T10:00:00Z',
    '2026-02-31T10:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-24',
    '9999-99-99T99:99:99Z',
    [],
    ['a'],
    [[]],
    [null],
    [{ value: 'a' }, 7, null, [{ value: 'a' }]],
    {},
    { value: 'a' },
    { value: { value: 'a' } },
    { value: ['a'] },
    [{ value: 7 }],
    [{ value: null }],
    [{ value: true, primary: 'true' }],
  ];

  beforeAll(async () => {
    server = await startTestServer();
    organizationId = (await createOrganization(server)).id;
    await server.sql(
      `INSERT INTO users (organization_id, id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, d.id, 'manual', true, d.id::text, d.id::text, '{}', d.attributes, 'member', now(), now()
       FROM jsonb_to_recordset($2::jsonb) AS d(id uuid, attributes jsonb)`,
      [organizationId, JSON.stringify(VALUES.map((x) => ({ id: newId(), attributes: { x, emails: x } })))],
    );
  });
  afterAll(() => server.close());

  /** The values whose documents match. */
  async function matching(condition: Condition): Promise<unknown[]> {
    const parameters = new Parameters(organizationId);
    const test = conditionToSql(condition, scopeOf('user', 'u'), parameters);
    const rows = await server.app
      .get(UnitOfWork)
      .read.query<{ x: unknown; test: boolean | null }>(
        `SELECT u.attributes -> 'x' AS x, ${test} AS test FROM users u WHERE u.organization_id = $1 ORDER BY u.id`,
        parameters.values,
      );
    expect(rows.filter(({ test }) => test === null)).toEqual([]);
    return rows.filter(({ test }) => test).map(({ x }) => x);
  }

  const json = (type: ValueType, path = ['x'], caseExact = false): Extract<Operand, { kind: 'json' }> => ({
    kind: 'json',
    path,
    type,
    caseExact,
  });
  const compare = (operand: Operand, comparison: Comparison, value: string | number | boolean): Condition => ({
    kind: 'compare',
    operand,
    comparison,
    value,
  });
  const some = (condition: Condition, path = ['x']): Condition => ({ kind: 'some', path, condition });

  const cases: [what: string, condition: Condition, values: unknown[]][] = [
    ['text', compare(json('string'), 'equal', 'A'), ['a', 'A']],
    ['text with case', compare(json('string', ['x'], true), 'equal', 'A'), ['A']],
    ['text that is a pattern', compare(json('string'), 'contains', '%'), ['%']],
    ['text at least', compare(json('string'), 'atLeast', 'b'), ['true']],
    ['number', compare(json('number'), 'atMost', 0), [0, -1.5]],
    ['number that is large', compare(json('number'), 'greater', 1e299), [1e300]],
    ['boolean', compare(json('boolean'), 'equal', true), [true]],
    ['instant', compare(json('dateTime'), 'equal', '2026-11-24T10:00:00.000000000Z'), ['2026-11-24T10:00:00Z']],
    ['text below', compare(json('string', ['x', 'value']), 'equal', 'a'), [{ value: 'a' }]],
    ['text of an element', some(compare(json('string', []), 'equal', 'a')), [['a']]],
    [
      'text in an element',
      some(compare(json('string', ['value']), 'equal', 'a')),
      [[{ value: 'a' }, 7, null, [{ value: 'a' }]]],
    ],
    ['text in an element of e-mails', some(compare(json('string', ['value']), 'equal', 'a'), ['emails']), []],
    ['a flag that is a text', some(compare(json('boolean', ['primary']), 'equal', true)), []],
    ['U+0000', compare(json('string'), 'contains', 'a\0'), []],
  ];
  it.each(cases)('%s', async (_what, condition, values) => {
    expect(await matching(condition)).toEqual(values);
    const others = VALUES.filter((value) => !values.some((other) => JSON.stringify(other) === JSON.stringify(value)));
    expect(await matching({ kind: 'not', condition })).toEqual(others);
  });

  it('presence is a value that says something, at any depth', async () => {
    const empty = VALUES.filter((value) =>
      ['null', '""', '[]', '[[]]', '[null]', '{}', '[{"value":null}]'].includes(JSON.stringify(value)),
    );
    expect(await matching({ kind: 'not', condition: { kind: 'present', operand: json('string') } })).toEqual(empty);
  });

  it('sorting takes what has the right type', async () => {
    for (const type of ['string', 'number', 'boolean', 'dateTime'] as const) {
      for (const key of [json(type), { kind: 'list', list: ['x'], path: ['value'], type, caseExact: false } as const]) {
        const parameters = new Parameters(organizationId);
        const { expression } = sortKeyToSql(key, scopeOf('user', 'u'), parameters);
        const rows = await server.sql<{ key: unknown }>(
          `SELECT ${expression} AS key FROM users u WHERE u.organization_id = $1 ORDER BY key`,
          parameters.values,
        );
        expect(rows).toHaveLength(VALUES.length);
      }
    }
  });

  it('refuses keys that are no attribute names, which no schema can have', () => {
    for (const key of ["x'y", 'x y', '', 'x"']) {
      const condition = compare(json('string', [key]), 'equal', 'a');
      expect(() => conditionToSql(condition, scopeOf('user', 'u'), new Parameters(organizationId))).toThrow(
        'attribute name',
      );
    }
  });
});
