import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ClientQuirks } from '../../src/organizations/client-quirks.service.js';
import { Log } from '../../src/platform/logger.js';
import { QuirkCounter } from '../../src/scim/http/quirk-counter.service.js';
import { freshDatabase, startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Tenant } from '../support/scenario.js';

/** What an operator sees of how a client speaks. */
describe('quirks of a connection', () => {
  let server: TestServer;
  let operator: string;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
    operator = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  const patch = (operation: JsonObject, of: Tenant = tenant) =>
    of.scim(
      'PATCH',
      '/Users/00000000-0000-7000-8000-000000000000',
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] },
      { 'user-agent': 'connector/1' },
    );
  const look = async (of: Tenant = tenant) => {
    await server.app.get(QuirkCounter).flush();
    const path = `/admin/v1/organizations/${of.organization.id}/connections/${of.connection.id}/quirks`;
    return (await request(server, 'GET', path, { token: operator })).json;
  };

  it('are none for a client that speaks as the RFC does', async () => {
    await tenant.scim('GET', '/Users?filter=userName+eq+"x"');
    expect(await look()).toEqual({ dialect: 'tolerant', client: null, quirks: [] });
  });

  it('are counted, with a sentence, when they were seen first and last, and what the client seems to be', async () => {
    const first = server.clock.now().getTime();
    await patch({ op: 'Replace', path: 'active', value: 'False' });
    expect((await look())['quirks']).toMatchObject([{ requests: 1 }, { requests: 1 }]);
    server.clock.advance(60);
    await patch({ op: 'Add', path: 'title', value: 'T' });
    await patch({ op: 'Add', path: 'title', value: 'T' });
    const seen = await look();
    expect(seen).toEqual({
      dialect: 'tolerant',
      client: {
        name: 'Entra ID without the aadOptscim062020 flag',
        because: ['capitalised-op', 'boolean-as-text'],
      },
      quirks: [
        {
          quirk: 'capitalised-op',
          sentence: 'Writes the verbs of PATCH with a capital ("Replace").',
          refusedWhenStrict: true,
          requests: 3,
          firstSeenAt: expect.any(String) as string,
          lastSeenAt: expect.any(String) as string,
          userAgent: 'connector/1',
        },
        {
          quirk: 'boolean-as-text',
          sentence: 'Sends true and false as texts.',
          refusedWhenStrict: true,
          requests: 1,
          firstSeenAt: expect.any(String) as string,
          lastSeenAt: expect.any(String) as string,
          userAgent: 'connector/1',
        },
      ],
    });
    const [verbs, texts] = seen['quirks'] as { firstSeenAt: string; lastSeenAt: string }[];
    const since = (instant: string) => new Date(instant).getTime() - first;
    expect([since(verbs!.firstSeenAt), since(texts!.lastSeenAt)].every((age) => age >= 0 && age < 60_000)).toBe(true);
    expect(since(verbs!.lastSeenAt)).toBeGreaterThanOrEqual(60_000);
    expect(texts!.lastSeenAt).toBe(texts!.firstSeenAt);
  });

  it('that show only against what is stored are counted once a request', async () => {
    const body = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada',
      name: { givenName: 'Ada', familyName: 'Byron' },
      emails: [{ type: 'work', value: 'a@b' }],
    };
    const { id } = (await tenant.scim<{ id: string }>('POST', '/Users', body)).json;
    const send = (...Operations: JsonObject[]) =>
      tenant.scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations,
      });
    const found = { op: 'replace', path: 'emails[type eq "work"].value', value: 'c@d' };
    const whole = { op: 'replace', path: 'name', value: { givenName: 'A', familyName: 'L' } };
    await send(found, whole, { op: 'add', path: 'name', value: { familyName: 'L' } });
    expect((await look())['quirks']).toEqual([]);
    const missing = (type: string) => ({ op: 'replace', path: `emails[type eq "${type}"].value`, value: type });
    await send(missing('home'), missing('other'), { op: 'replace', path: 'name', value: { familyName: 'L' } });
    expect((await look())['quirks']).toMatchObject([
      { quirk: 'complex-replaced-in-part', requests: 1, refusedWhenStrict: false },
      { quirk: 'replaced-without-match', requests: 1, refusedWhenStrict: true },
    ]);
  });

  it('are counted on a strict connection too, which refuses them', async () => {
    const strict = await createTenant(server, { provisioning: { dialect: 'strict' } });
    expect((await patch({ op: 'Replace', path: 'title', value: 'T' }, strict)).status).toBe(400);
    expect(await look(strict)).toMatchObject({
      dialect: 'strict',
      quirks: [{ quirk: 'capitalised-op', requests: 1 }],
    });
  });

  it('belong to one connection, and a stranger leaves none', async () => {
    const other = await createTenant(server);
    await patch({ op: 'Replace', path: 'title', value: 'T' });
    await request(server, 'GET', '/scim/v2/Users?aadOptscim062020', { token: 'rc_scim_wrong' });
    expect([await look(), await look(other)]).toMatchObject([{ quirks: [{ requests: 1 }] }, { quirks: [] }]);
    const path = `/admin/v1/organizations/${tenant.organization.id}/connections/${other.connection.id}/quirks`;
    expect((await request(server, 'GET', path, { token: operator })).status).toBe(404);
  });

  it('of several nodes add up, whoever comes first', async () => {
    const stored = server.app.get(ClientQuirks);
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const { organizationId, id: connectionId } = tenant.connection;
    const counted = (quirk: string, requests: number, first: number, last: number, userAgent: string) => ({
      ...{ organizationId, connectionId, quirk, requests, userAgent },
      firstSeenAt: at(first),
      lastSeenAt: at(last),
    });
    await Promise.all([
      stored.add([counted('b', 5, 3, 9, 'later'), counted('a', 1, 1, 1, 'x')]),
      stored.add([counted('a', 1, 1, 1, 'x'), counted('b', 2, 1, 4, 'earlier')]),
    ]);
    // A connection that is gone takes nobody else's counts with it.
    const gone = { ...counted('c', 1, 1, 1, 'x'), connectionId: '00000000-0000-7000-8000-000000000000' };
    await stored.add([gone, counted('a', 1, 2, 2, 'x')]);
    expect(await stored.of(organizationId, connectionId)).toEqual([
      { quirk: 'b', requests: 7, firstSeenAt: at(1), lastSeenAt: at(9), userAgent: 'later' },
      { quirk: 'a', requests: 3, firstSeenAt: at(1), lastSeenAt: at(2), userAgent: 'x' },
    ]);
  });

  it('that another version of the server has stored are shown as well', async () => {
    const { organizationId, id: connectionId } = tenant.connection;
    const now = server.clock.now();
    const count = { quirk: 'of-tomorrow', requests: 1, firstSeenAt: now, lastSeenAt: now, userAgent: null };
    await server.app.get(ClientQuirks).add([{ ...count, organizationId, connectionId }]);
    expect(await look()).toMatchObject({ quirks: [{ quirk: 'of-tomorrow', refusedWhenStrict: false }] });
  });

  it('wait for a database that is away, fail no request, and are logged', async () => {
    const lines: object[] = [];
    const log = server.app.get(Log);
    const warn = log.pino.warn.bind(log.pino);
    log.pino.warn = (line: object) => void lines.push(line);
    try {
      await server.sql('ALTER TABLE client_quirks RENAME TO away');
      await patch({ op: 'Replace', path: 'title', value: 'T' });
      await server.app.get(QuirkCounter).flush();
      expect((await patch({ op: 'Replace', path: 'title', value: 'T' })).status).toBe(404);
    } finally {
      await server.sql('ALTER TABLE away RENAME TO client_quirks');
      log.pino.warn = warn;
    }
    expect(lines).toHaveLength(1);
    expect(await look()).toMatchObject({ quirks: [{ requests: 2 }] });
  });
});

it('what was counted is stored when the server stops', async () => {
  const database = await freshDatabase();
  try {
    const first = await startTestServer({}, database);
    const tenant = await createTenant(first);
    await tenant.scim('GET', '/Users?aadOptscim062020');
    expect(await first.sql('SELECT 1 FROM client_quirks')).toEqual([]);
    await first.close();
    const second = await startTestServer({}, database);
    expect(await second.sql('SELECT quirk, requests::int FROM client_quirks')).toEqual([
      { quirk: 'compliance-flag', requests: 1 },
    ]);
    await second.close();
  } finally {
    await database.drop();
  }
});
