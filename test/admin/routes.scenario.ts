import { fieldsOf } from '../../src/admin/field.decorators.js';
import { OPERATIONS } from '../../src/admin/operations.table.js';
import { parametersOf, type Operation } from '../../src/admin/operation.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ScimClientsService } from '../../src/organizations/scim-clients.service.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { Sessions } from '../../src/sessions/sessions.service.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { routesOf } from '../support/routes.js';
import {
  createOrganization,
  createTenant,
  request,
  TEST_OPERATOR,
  type JsonObject,
  type Tenant,
} from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';
import { makeTwin } from '../support/twin.js';

/** Every operation of the operators' door, made of the table: who may not come in, and what another organization's ids do. */

const LINES: readonly Operation[] = OPERATIONS;

let server: TestServer;
let mine: Tenant;
let theirs: Tenant;
let admin: string;
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  mine = await createTenant(server);
  theirs = await createTenant(server);
  admin = await makeAdminToken();
  const operator = server.app.get(OperatorReconciler);
  const { organization, connection } = theirs;
  const user = await operator.createUser(organization.id, { userName: 'theirs', attributes: {} }, TEST_OPERATOR);
  const group = await operator.createGroup(organization.id, { displayName: 'Theirs' }, TEST_OPERATOR);
  const tokens = await server.sql<{ id: string }>(`SELECT id FROM scim_tokens WHERE organization_id = $1`, [
    organization.id,
  ]);
  const { client } = await server.app
    .get(ScimClientsService)
    .create(organization.id, connection.id, { name: 'theirs' }, TEST_OPERATOR);
  const key = await server.app.get(SpKeys).create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
  ids = {
    key: key.id,
    connection: connection.id,
    user: user.user.id,
    group: group.id,
    token: tokens[0]!.id,
    client: client.id,
    secret: client.secrets[0]!.id,
    domain: 'theirs.example',
    schema: 'urn:example:theirs',
    signIn: user.user.id,
    incident: '7KQ2-M9XD-4H',
    logout: user.user.id,
    session: await openSession(organization.id, user.user.id, connection.id),
  };
});
afterAll(() => server.close());

async function openSession(organizationId: string, userId: string, connectionId: string): Promise<string> {
  const createdAt = server.clock.now();
  const expiresAt = new Date(createdAt.getTime() + 3_600_000);
  const subject = { format: 'f', nameQualifier: '', value: 'theirs' };
  const times = { authenticatedAt: createdAt, createdAt, expiresAt, idleSeconds: null };
  const session = { userId, connectionId, subject, sessionIndex: undefined, ...times };
  const opened = await server.app
    .get(UnitOfWork)
    .run((tx) => server.app.get(Sessions).open(tx, organizationId, session));
  return opened.id;
}

async function makeAdminToken(): Promise<string> {
  const reply = await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR);
  return reply.token;
}

const pathOf = (line: Operation, organization: string): string =>
  `/admin/v1${line.path.replace(/:(\w+)/g, (_all, name: string) => (name === 'organization' ? organization : encodeURIComponent(ids[name] ?? 'x')))}${queryOf(line)}`;
/** Only what a query must have. */
const queryOf = ({ query }: Operation): string =>
  query && fieldsOf(query).some(({ name, required }) => name === 'at' && required) ? '?at=2030-01-01T00:00:00Z' : '';
const bodyOf = (line: Operation): JsonObject | undefined =>
  line.method === 'GET' || line.method === 'DELETE' ? undefined : {};
const changes = (work: () => Promise<unknown>) => sideEffects(server, work);

it('every route is a line of the table, but for the description of the table', () => {
  const described = routesOf(server, '/admin/').filter(({ path }) => !/\/(docs(\/|$)|openapi\.json$)/.test(path));
  expect(described.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    LINES.map(({ method, path }) => `${method} /admin/v1${path}`).sort(),
  );
});

describe('without a valid operator token', () => {
  it.each(LINES.map((line) => [line.name, line] as const))('%s is refused and does nothing', async (_name, line) => {
    const path = pathOf(line, theirs.organization.id);
    const effects = await changes(async () => {
      for (const token of [undefined, 'rc_admin_wrong', mine.token, `${admin}x`]) {
        const reply = await request(server, line.method, path, { token, body: bodyOf(line) });
        expect({ path, token, status: reply.status }).toEqual({ path, token, status: 401 });
        expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      }
    });
    expectNoEffects(effects);
  });
});

describe("with another organization's ids", () => {
  const scoped = LINES.filter(({ path }) => parametersOf(path).length > 1);
  it.each(scoped.map((line) => [line.name, line] as const))(
    'R-200 %s finds nothing and does nothing',
    async (_name, line) => {
      const effects = await changes(async () => {
        const reply = await request(server, line.method, pathOf(line, mine.organization.id), {
          token: admin,
          body: good[line.name] ?? bodyOf(line),
        });
        expect({ status: reply.status, type: reply.headers.get('content-type') }).toEqual({
          status: 404,
          type: 'application/problem+json; charset=utf-8',
        });
      });
      expectNoEffects(effects);
    },
  );

  it('R-200 that both have, touches the one of the address alone', async () => {
    const twin = await createOrganization(server);
    await makeTwin(server, theirs.organization.id, twin.id);
    const effects = await sideEffects(
      server,
      async () => {
        for (const line of scoped) {
          const body = good[line.name] ?? bodyOf(line);
          const reply = await request(server, line.method, pathOf(line, twin.id), { token: admin, body });
          expect([line.name, reply.status < 500]).toEqual([line.name, true]);
        }
      },
      theirs.organization.id,
    );
    expectNoEffects(effects);
  });

  /** Bodies that would do something at the right organization. */
  const good: Readonly<Record<string, JsonObject>> = {
    'connection update': { name: 'x' },
    'connection approve-endpoints': { ssoUrl: 'https://idp.example.com/' },
    'connection configure-saml': { idpEntityId: 'x', ssoUrl: 'https://idp.example.com/', certificates: ['x'] },
    'connection disable': { reason: 'x' },
    'scim-token create': { name: 'x' },
    'scim-token rotate': { name: 'x' },
    'scim-token update': { allowedAddresses: ['192.0.2.1'] },
    'scim-client create': { name: 'x' },
    'scim-client update': { name: 'x' },
    'sp-key create': { use: 'encryption' },
    'schema declare': { resourceType: 'User', name: 'x', attributes: [{ name: 'x' }] },
    'domain verify': { by: 'operator' },
    'domain update': { connectionId: null },
    'changes undo': { from: '2020-01-01T00:00:00Z', preview: true },
    'user update': { breakGlass: true },
    'group update': { protected: true },
    'group add-members': { userIds: ['0199a4ff-0000-7000-8000-000000000000'] },
    'group remove-members': { userIds: ['0199a4ff-0000-7000-8000-000000000000'] },
  };
});

describe('with an organization that is not there', () => {
  it.each(LINES.filter(({ path }) => path.includes(':organization')).map((line) => [line.name, line] as const))(
    '%s: 404',
    async (_name, line) => {
      for (const organization of ['nobody', '0199a4ff-0000-7000-8000-000000000000', '%00', 'a%20b']) {
        const reply = await request(server, line.method, pathOf(line, organization), {
          token: admin,
          body: bodyOf(line),
        });
        expect([400, 404, 422]).toContain(reply.status);
        expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      }
    },
  );
});

describe('with a body that is wrong', () => {
  const writes = LINES.filter(
    ({ body, path }) => body && !path.includes(':connection/') && path.includes(':organization'),
  );
  it.each(writes.map((line) => [line.name, line] as const))(
    '%s says what is wrong and does nothing',
    async (_name, line) => {
      const effects = await changes(async () => {
        for (const body of [
          '{',
          '[]',
          '"x"',
          '{"nosuchfield":1}',
          `{"a":${'['.repeat(200)}${']'.repeat(200)}}`,
          '{"name":7,"displayName":7,"domain":7,"userName":7,"breakGlass":7}',
        ]) {
          const reply = await request(server, line.method, pathOf(line, theirs.organization.id), {
            token: admin,
            body,
          });
          expect({ body: body.slice(0, 30), ok: reply.status >= 400 && reply.status < 500 }).toMatchObject({
            ok: true,
          });
          expect(reply.json).toMatchObject({ status: reply.status, correlationId: expect.any(String) as unknown });
        }
        const form = await request(server, line.method, pathOf(line, theirs.organization.id), {
          token: admin,
          body: 'a=b',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
        expect(form.status).toBe(415);
      });
      expectNoEffects(effects);
    },
  );
});
