import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';

/** What connectors send, replayed step by step: status, body, the rows of the people and groups named, and the events, no more and no less. */

interface Step {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: {
    readonly status: number;
    /** The body has at least this. */
    readonly match?: JsonObject;
    readonly absent?: readonly string[];
    readonly empty?: boolean;
  };
  /** Variable -> attribute of the answer; used as {{variable}} afterwards. */
  readonly save?: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** userName -> columns of the living user; null: there is none. */
  readonly users?: Readonly<Record<string, JsonObject | null>>;
  /** displayName -> columns and userNames of the members; null: there is none. */
  readonly groups?: Readonly<Record<string, (JsonObject & { readonly members?: readonly string[] }) | null>>;
}

interface Exchange {
  readonly client: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const FOLDER = join('test', 'scim', 'exchanges');
const EXCHANGES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Exchange);

describe.each(EXCHANGES)('$client', ({ headers, steps }) => {
  let server: TestServer;
  let tenant: Tenant;
  const variables = new Map<string, string>();

  beforeAll(async () => {
    server = await startTestServer();
    tenant = await createTenant(server);
    // A second organization with the same names: nothing of it may ever be seen or counted.
    const other = await createTenant(server);
    for (const userName of ['jdoe@contoso.com', 'test.user@okta.local'])
      await other.scim('POST', '/Users', { userName, externalId: userName });
    for (const displayName of ['Sales EMEA', 'Test SCIMv2']) await other.scim('POST', '/Groups', { displayName });
  });
  afterAll(() => server.close());

  it.each(steps)('$name', async (step) => {
    const { method, path, body } = fill(step.request);
    let reply: Reply | undefined;
    const effects = await sideEffects(
      server,
      async () => {
        reply = await request(server, method, `/scim/v2${path}`, { token: tenant.token, body, headers });
      },
      tenant.organization.id,
    );
    const { status, match, absent, empty } = fill(step.response);
    expect({ status: reply!.status, body: reply!.body }).toMatchObject({ status });
    if (match) expect(reply!.json).toMatchObject(match);
    if (empty) expect(reply!.body).toBe('');
    else expect(reply!.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    for (const name of absent ?? []) expect(reply!.json).not.toHaveProperty(name);
    for (const [variable, attribute] of Object.entries(step.save ?? {}))
      variables.set(variable, String(reply!.json[attribute]));
    expectEvents(effects, step.events);
    await checkUsers(step.users ?? {});
    await checkGroups(step.groups ?? {});
  });

  async function checkUsers(expected: NonNullable<Step['users']>): Promise<void> {
    for (const [userName, columns] of Object.entries(expected)) {
      const rows = await server.sql(
        `SELECT * FROM users WHERE organization_id = $1 AND user_name = $2 AND deleted_at IS NULL`,
        [tenant.organization.id, userName],
      );
      expect(rows).toHaveLength(columns ? 1 : 0);
      if (columns) expect(rows[0]).toMatchObject(columns);
    }
  }

  async function checkGroups(expected: NonNullable<Step['groups']>): Promise<void> {
    for (const [displayName, wanted] of Object.entries(expected)) {
      const [row] = await server.sql<JsonObject>(
        `SELECT g.*, (SELECT coalesce(json_agg(u.user_name ORDER BY u.user_name), '[]') FROM memberships m
           JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
           WHERE m.organization_id = g.organization_id AND m.group_id = g.id) AS members
         FROM groups g WHERE g.organization_id = $1 AND g.display_name = $2`,
        [tenant.organization.id, displayName],
      );
      if (wanted) expect(row).toMatchObject(wanted);
      else expect(row).toBeUndefined();
    }
  }

  /** Puts the variables into every text. */
  function fill<T>(value: T): T {
    const text = JSON.stringify(value).replace(
      /\{\{(\w+)\}\}/g,
      (_match, name: string) => variables.get(name) ?? `no ${name}`,
    );
    return JSON.parse(text) as T;
  }
});
