import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects, type SideEffects } from '../support/side-effects.js';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const NOBODY = '0199a4ff-0000-7000-8000-000000000000';

interface UserBody extends JsonObject {
  id: string;
  meta: { created: string; lastModified: string; location: string; version: string };
}

const BARBARA = {
  schemas: [CORE, ENTERPRISE],
  externalId: 'bjensen',
  userName: 'BJensen@Example.com',
  name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
  displayName: 'Babs Jensen',
  emails: [
    { value: 'BJensen@Example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  phoneNumbers: [{ value: '+1 (555) 555-5555', type: 'work' }],
  active: true,
  [ENTERPRISE]: { employeeNumber: '701984', department: 'Tour Operations', manager: { value: NOBODY } },
};

describe('users over SCIM', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  const create = async (body: JsonObject = BARBARA) => {
    const reply = await tenant.scim<UserBody>('POST', '/Users', body);
    expect(reply.status).toBe(201);
    return reply.json;
  };
  const get = async (id: string) => (await tenant.scim<UserBody>('GET', `/Users/${id}`)).json;
  const patch = (id: string, ...operations: JsonObject[]) =>
    tenant.scim<UserBody>('PATCH', `/Users/${id}`, { schemas: [PATCH_OP], Operations: operations });
  /** Runs a request and tells what it left behind; the rows are those of users and of the audit trail. */
  const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, tenant.organization.id);

  describe('POST', () => {
    it('R-050, R-020, R-023 answers 201 with the whole user, and writes one user, one event, one audit entry', async () => {
      const before = server.clock.now();
      let reply: Awaited<ReturnType<Tenant['scim']>> | undefined;
      const effects = await effectsOf(async () => {
        reply = await tenant.scim('POST', '/Users', BARBARA);
      });
      const { id, meta, ...rest } = reply!.json as UserBody;
      expect(reply!.status).toBe(201);
      expect(reply!.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(reply!.headers.get('location')).toBe(`${server.url}/scim/v2/Users/${id}`);
      expect(reply!.headers.get('etag')).toBe(meta.version);
      expect(rest).toEqual({
        ...BARBARA,
        [ENTERPRISE]: {
          ...BARBARA[ENTERPRISE],
          manager: { value: NOBODY, $ref: `${server.url}/scim/v2/Users/${NOBODY}` },
        },
      });
      expect(meta).toEqual({
        resourceType: 'User',
        created: meta.lastModified,
        lastModified: meta.lastModified,
        location: `${server.url}/scim/v2/Users/${id}`,
        version: 'W/"1"',
      });
      expect(new Date(meta.created).getTime()).toBeGreaterThanOrEqual(before.getTime());
      expect(effects).toEqual({
        rows: { users: '+1', audit_entries: '+1' },
        columns: {},
        events: [['user.created', id]],
        audit: [['user.created', id]],
      });
      expect(await get(id)).toEqual(reply!.json);
    });

    it('R-051, R-021, R-026, R-029 takes what Okta and Entra send along: readOnly values, nulls, "True", placeholder passwords, unknown schemas', async () => {
      const user = await create({
        schemas: [CORE, 'urn:custom:unknown'],
        id: NOBODY,
        meta: { resourceType: 'User', version: 'W/"9"' },
        groups: [{ value: NOBODY }],
        userName: 'okta@example.com',
        password: 'not kept',
        active: 'True',
        title: null,
        nickName: '',
        roles: [],
        emails: [{ primary: 'true', value: 'okta@example.com', type: 'work' }],
        [ENTERPRISE]: { manager: NOBODY },
        'urn:custom:unknown': { shoeSize: 7 },
      });
      expect(user.id).not.toBe(NOBODY);
      expect(user).toEqual({
        schemas: [CORE, ENTERPRISE],
        id: user.id,
        userName: 'okta@example.com',
        active: true,
        emails: [{ primary: true, value: 'okta@example.com', type: 'work' }],
        [ENTERPRISE]: { manager: { value: NOBODY, $ref: `${server.url}/scim/v2/Users/${NOBODY}` } },
        meta: { ...user.meta, version: 'W/"1"' },
      });
      const [row] = await server.sql<{ text: string }>(`SELECT to_jsonb(u)::text AS text FROM users u WHERE id = $1`, [
        user.id,
      ]);
      expect(row!.text).not.toMatch(/not kept|shoeSize|password/);
    });

    it('R-037, R-028 answers 409 uniqueness for a userName that differs in case only, and changes nothing', async () => {
      await create();
      const effects = await effectsOf(async () => {
        const reply = await tenant.scim('POST', '/Users', { userName: 'bjensen@EXAMPLE.com' });
        expect(reply.status).toBe(409);
        expect(reply.json).toMatchObject({ status: '409', scimType: 'uniqueness' });
        expect(reply.json['detail']).toContain('BJensen@Example.com');
      });
      expectNoEffects(effects);
    });

    it('R-055, R-021 lets the same person be created again after a delete, under a new id', async () => {
      const first = await create();
      await tenant.scim('DELETE', `/Users/${first.id}`);
      const second = await create();
      expect(second.id).not.toBe(first.id);
    });

    it('R-201, R-039 is a matter of one organization: the same userName elsewhere is somebody else', async () => {
      const other = await createTenant(server);
      const [mine, theirs] = [await create(), (await other.scim<UserBody>('POST', '/Users', BARBARA)).json];
      expect(theirs.id).not.toBe(mine.id);
    });
  });

  describe('GET', () => {
    it('R-053, R-200 hides everything of other organizations, and what is no id, behind 404', async () => {
      const other = await createTenant(server);
      const { id } = (await other.scim<UserBody>('POST', '/Users', BARBARA)).json;
      for (const unknown of [id, NOBODY, '010101001010101011001010101011', 'x', '%22', "1'--", '0'.repeat(2000)]) {
        const reply = await tenant.scim('GET', `/Users/${unknown}`);
        expect([unknown, reply.status]).toEqual([unknown, 404]);
        expect(reply.json).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404' });
      }
    });

    it('R-112, R-113 shows what the projection asks for, and id and schemas always', async () => {
      const { id } = await create();
      const of = async (query: string) => (await tenant.scim('GET', `/Users/${id}?${query}`)).json;
      expect(await of('attributes=userName,name.familyName')).toEqual({
        schemas: [CORE],
        id,
        userName: 'BJensen@Example.com',
        name: { familyName: 'Jensen' },
      });
      expect(await of(`attributes=${ENTERPRISE}:department`)).toEqual({
        schemas: [CORE, ENTERPRISE],
        id,
        [ENTERPRISE]: { department: 'Tour Operations' },
      });
      expect(await of('ATTRIBUTES=USERNAME')).not.toHaveProperty('name');
      const without = await of(`excludedAttributes=emails,${ENTERPRISE},id,meta`);
      expect(Object.keys(without).sort()).toEqual([
        'active',
        'displayName',
        'externalId',
        'id',
        'name',
        'phoneNumbers',
        'schemas',
        'userName',
      ]);
      const both = await tenant.scim('GET', `/Users/${id}?attributes=userName&excludedAttributes=emails`);
      expect(both.status).toBe(400);
      expect(both.json).toMatchObject({ scimType: 'invalidValue' });
    });

    it('R-161, R-163 answers 304 to whoever has the version, and notices groups that came and went', async () => {
      const { id, meta } = await create();
      const known = async (version: string) => {
        const reply = await tenant.scim('GET', `/Users/${id}`, undefined, { 'if-none-match': version });
        if (reply.status === 304) expect(reply.body).toBe('');
        return reply.status;
      };
      expect([await known(meta.version), await known('"1"'), await known('*')]).toEqual([304, 304, 304]);
      expect([await known('W/"2"'), await known('"x", W/"7"')]).toEqual([200, 200]);
      const group = await tenant.scim<UserBody>('POST', '/Groups', { displayName: 'Sales', members: [{ value: id }] });
      expect(await known(meta.version)).toBe(200);
      const member = await get(id);
      expect(await known(member.meta.version)).toBe(304);
      await tenant.scim('DELETE', `/Groups/${group.json.id}`);
      expect(await known(member.meta.version)).toBe(200);
      expect((await get(id)).meta).toEqual(meta);
    });
  });

  describe('PUT', () => {
    it('R-054 replaces what can be written and clears what is not mentioned', async () => {
      const user = await create();
      server.clock.advance(5);
      let reply: Awaited<ReturnType<typeof tenant.scim<UserBody>>> | undefined;
      const effects = await effectsOf(async () => {
        reply = await tenant.scim<UserBody>('PUT', `/Users/${user.id}`, {
          schemas: [CORE],
          userName: 'babs@example.com',
          externalId: 'other',
          displayName: 'Babs',
          active: true,
        });
      });
      expect(reply!.status).toBe(200);
      expect(reply!.json).toEqual({
        schemas: [CORE],
        id: user.id,
        externalId: 'other',
        userName: 'babs@example.com',
        displayName: 'Babs',
        active: true,
        meta: { ...user.meta, lastModified: reply!.json.meta.lastModified, version: 'W/"2"' },
      });
      expect(reply!.json.meta.lastModified > user.meta.lastModified).toBe(true);
      expect(effects).toEqual({
        rows: { users: '~1', audit_entries: '+1' },
        columns: {
          users: ['attributes', 'email_keys', 'external_id', 'updated_at', 'user_name', 'user_name_key', 'version'],
        },
        events: [['user.updated', user.id]],
        audit: [['user.updated', user.id]],
      });
    });

    it('keeps active and externalId when they are missing, and clears externalId for null', async () => {
      const { id } = await create({ ...BARBARA, active: false });
      const put = (body: JsonObject) => tenant.scim<UserBody>('PUT', `/Users/${id}`, { userName: 'b', ...body });
      expect((await put({})).json).toMatchObject({ active: false, externalId: 'bjensen' });
      expect((await put({ active: null })).json).toMatchObject({ active: false, externalId: 'bjensen' });
      expect((await put({ externalId: null })).json).not.toHaveProperty('externalId');
    });

    it('R-036 accepts what it has just answered, and then changes nothing', async () => {
      const { id } = await create();
      await tenant.scim('POST', '/Groups', { displayName: 'Sales', members: [{ value: id }] });
      const read = await get(id);
      server.clock.advance(5);
      const effects = await effectsOf(async () => {
        const reply = await tenant.scim('PUT', `/Users/${id}`, read);
        expect([reply.status, reply.json]).toEqual([200, read]);
      });
      expectNoEffects(effects);
    });

    it('R-006 never creates', async () => {
      const effects = await effectsOf(async () => {
        expect((await tenant.scim('PUT', `/Users/${NOBODY}`, BARBARA)).status).toBe(404);
        expect((await tenant.scim('PUT', `/Users/new`, BARBARA)).status).toBe(404);
      });
      expectNoEffects(effects);
    });
  });

  describe('PATCH', () => {
    const deactivations: [who: string, operation: JsonObject][] = [
      ['Entra', { op: 'Replace', path: 'active', value: 'False' }],
      ['Entra with the flag', { op: 'replace', path: 'active', value: false }],
      ['Okta', { op: 'replace', value: { active: false } }],
      ['SailPoint', { op: 'add', value: { active: false } }],
      ['the SCIM validator', { op: 'Replace', path: 'active', value: [{ value: 'False' }] }],
    ];
    it.each(deactivations)('deactivates as %s asks for it: user and event, nothing else', async (_who, operation) => {
      const { id } = await create();
      let status = 0;
      const effects: SideEffects = await effectsOf(async () => {
        const reply = await patch(id, operation);
        status = reply.status;
        expect(reply.json['active']).toBe(false);
      });
      expect(status).toBe(200);
      expect(effects.columns).toEqual({ users: ['active', 'updated_at', 'version'] });
      expect(effects.rows).toEqual({ users: '~1', access_ends: '+1', guard_states: '+1', audit_entries: '+1' });
      expectEvents(effects, [['user.deactivated', id]]);
      expect((await tenant.scim('GET', `/Users?filter=userName eq "bjensen@example.com"`)).json).toMatchObject({
        totalResults: 1,
      });
    });

    it('R-131 is all or nothing', async () => {
      const { id } = await create();
      const effects = await effectsOf(async () => {
        const reply = await patch(
          id,
          { op: 'replace', path: 'displayName', value: 'Changed' },
          { op: 'replace', path: 'noSuchAttribute', value: 'x' },
        );
        expect([reply.status, reply.json['scimType']]).toEqual([400, 'invalidPath']);
      });
      expectNoEffects(effects);
      expect((await get(id))['displayName']).toBe('Babs Jensen');
    });

    it('R-142 that changes nothing keeps version and lastModified, and announces nothing', async () => {
      const user = await create();
      server.clock.advance(60);
      const effects = await effectsOf(async () => {
        const reply = await patch(
          user.id,
          { op: 'replace', path: 'displayName', value: 'Babs Jensen' },
          { op: 'remove', path: 'phoneNumbers[type eq "fax"]' },
        );
        expect([reply.status, reply.json.meta]).toEqual([200, user.meta]);
        expect((await patch(user.id)).status).toBe(200);
      });
      expectNoEffects(effects);
    });

    it('R-116 answers as the projection asks', async () => {
      const { id } = await create();
      const body = { Operations: [{ op: 'replace', path: 'title', value: 'Guide' }] };
      const reply = await tenant.scim('PATCH', `/Users/${id}?attributes=title`, body);
      expect(reply.json).toEqual({ schemas: [CORE], id, title: 'Guide' });
    });

    it('R-037, R-133 refuses a userName that is taken, and takes its own in another case', async () => {
      const { id } = await create();
      await create({ userName: 'taken@example.com' });
      const effects = await effectsOf(async () => {
        const reply = await patch(id, { op: 'replace', path: 'userName', value: 'TAKEN@example.com' });
        expect([reply.status, reply.json['scimType']]).toEqual([409, 'uniqueness']);
      });
      expectNoEffects(effects);
      const reply = await patch(id, { op: 'replace', path: 'userName', value: 'BJENSEN@example.com' });
      expect([reply.status, reply.json['userName']]).toEqual([200, 'BJENSEN@example.com']);
    });

    it('R-138 drops the extension and its URN with its last attribute', async () => {
      const { id } = await create({ userName: 'x', [ENTERPRISE]: { department: 'R&D' } });
      const reply = await patch(id, { op: 'remove', path: `${ENTERPRISE}:department` });
      expect(reply.json['schemas']).toEqual([CORE]);
      expect(reply.json).not.toHaveProperty([ENTERPRISE]);
    });

    it('of two at once leaves both changes', async () => {
      const { id } = await create();
      const replies = await Promise.all([
        patch(id, { op: 'replace', path: 'title', value: 'Guide' }),
        patch(id, { op: 'replace', path: 'nickName', value: 'Babs' }),
        patch(id, { op: 'add', path: 'emails', value: [{ value: 'third@example.com', type: 'other' }] }),
      ]);
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
      const user = await get(id);
      expect(user).toMatchObject({ title: 'Guide', nickName: 'Babs', meta: { version: 'W/"4"' } });
      expect(user['emails']).toHaveLength(3);
    });
  });

  describe('If-Match', () => {
    it('R-162 lets only the reader of the present version write', async () => {
      const { id, meta } = await create();
      const send = async (method: string, ifMatch: string, body?: JsonObject) =>
        (await tenant.scim(method, `/Users/${id}`, body, { 'if-match': ifMatch })).status;
      const rename = (value: string) => ({ Operations: [{ op: 'replace', path: 'displayName', value }] });
      expect(await send('PATCH', meta.version, rename('first'))).toBe(200);
      const effects = await effectsOf(async () => {
        expect(await send('PATCH', meta.version, rename('second'))).toBe(412);
        expect(await send('PUT', meta.version, BARBARA)).toBe(412);
        expect(await send('DELETE', meta.version)).toBe(412);
        const reply = await tenant.scim('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"1"' });
        expect(reply.json).toMatchObject({ status: '412' });
      });
      expectNoEffects(effects);
      expect(await send('PATCH', '*', rename('third'))).toBe(200);
      expect(await send('PATCH', '"7", W/"3"', rename('fourth'))).toBe(200);
      expect(await send('DELETE', 'W/"4"')).toBe(204);
    });

    it('does not mind that groups have come since', async () => {
      const { id } = await create();
      await tenant.scim('POST', '/Groups', { displayName: 'Sales', members: [{ value: id }] });
      const { meta } = await get(id);
      expect(meta.version).toMatch(/^W\/"1\..+"$/);
      await tenant.scim('POST', '/Groups', { displayName: 'Marketing', members: [{ value: id }] });
      const reply = await tenant.scim(
        'PATCH',
        `/Users/${id}`,
        { Operations: [{ op: 'replace', path: 'title', value: 'x' }] },
        { 'if-match': meta.version },
      );
      expect(reply.status).toBe(200);
    });
  });

  describe('DELETE', () => {
    it('R-055, R-056 answers 204, then 404 to everything, and takes the user out of lists and groups', async () => {
      const { id } = await create();
      const group = await tenant.scim<UserBody>('POST', '/Groups', { displayName: 'Sales', members: [{ value: id }] });
      const effects = await effectsOf(async () => {
        const reply = await tenant.scim('DELETE', `/Users/${id}`);
        expect([reply.status, reply.body]).toEqual([204, '']);
      });
      expect(effects.rows).toEqual({
        users: '~1',
        groups: '~1',
        memberships: '-1',
        access_ends: '+1',
        guard_states: '+1',
        audit_entries: '+2',
      });
      expectEvents(effects, [
        ['group.members-removed', group.json.id],
        ['user.deleted', id],
      ]);
      const gone = await effectsOf(async () => {
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          const body = method === 'PUT' ? BARBARA : method === 'PATCH' ? { Operations: [] } : undefined;
          expect((await tenant.scim(method, `/Users/${id}`, body)).status).toBe(404);
        }
      });
      expectNoEffects(gone);
      expect((await tenant.scim('GET', '/Users')).json).toMatchObject({ totalResults: 0, Resources: [] });
      const { json } = await tenant.scim('GET', `/Groups/${group.json.id}`);
      expect(json).toMatchObject({ members: [], meta: { version: 'W/"2"' } });
    });
  });

  it("R-200 never reaches another organization's user, whatever the method", async () => {
    const other = await createTenant(server);
    const { id } = (await other.scim<UserBody>('POST', '/Users', BARBARA)).json;
    const effects = await sideEffects(server, async () => {
      expect((await tenant.scim('PUT', `/Users/${id}`, BARBARA)).status).toBe(404);
      expect((await patch(id, { op: 'replace', path: 'active', value: false })).status).toBe(404);
      expect((await tenant.scim('DELETE', `/Users/${id}`)).status).toBe(404);
    });
    expectNoEffects(effects);
  });
});
