import { newId } from '../../src/platform/ids.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const NOBODY = '0199a4ff-0000-7000-8000-000000000000';

interface GroupBody extends JsonObject {
  id: string;
  members: { value: string; $ref: string; display?: string; type: string }[];
  meta: { lastModified: string; location: string; version: string };
}

describe('groups over SCIM', () => {
  let server: TestServer;
  let tenant: Tenant;
  let anna: string;
  let bob: string;
  let carl: string;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
    [anna, bob, carl] = (await Promise.all(['Anna', 'Bob', 'Carl'].map((name) => createUser(tenant, name)))) as [
      string,
      string,
      string,
    ];
  });

  const createUser = async (of: Tenant, displayName: string) =>
    (await of.scim<{ id: string }>('POST', '/Users', { userName: `${displayName}@example.com`, displayName })).json.id;
  const create = async (body: JsonObject) => {
    const reply = await tenant.scim<GroupBody>('POST', '/Groups', { schemas: [CORE], ...body });
    expect(reply.status).toBe(201);
    return reply.json;
  };
  const get = async (id: string) => (await tenant.scim<GroupBody>('GET', `/Groups/${id}`)).json;
  const patch = (id: string, ...operations: JsonObject[]) =>
    tenant.scim<GroupBody>('PATCH', `/Groups/${id}`, { Operations: operations });
  const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, tenant.organization.id);
  const values = (ids: readonly string[]) => ids.map((value) => ({ value }));
  const members = async (id: string) => (await get(id)).members.map(({ value }) => value).sort();

  describe('POST', () => {
    it('R-050, R-030, R-031 answers 201 with the whole group, and writes the group, its memberships and their events', async () => {
      let reply: Awaited<ReturnType<typeof tenant.scim<GroupBody>>> | undefined;
      const effects = await effectsOf(async () => {
        reply = await tenant.scim<GroupBody>('POST', '/Groups', {
          schemas: [CORE, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
          externalId: '8aa1a0c0',
          displayName: 'Sales EMEA',
          members: [{ value: anna, $ref: null }, { value: bob }, { value: anna }],
          meta: { resourceType: 'Group' },
        });
      });
      const group = reply!.json;
      expect(reply!.status).toBe(201);
      expect(reply!.headers.get('location')).toBe(`${server.url}/scim/v2/Groups/${group.id}`);
      expect(reply!.headers.get('etag')).toBe('W/"1"');
      expect(group).toEqual({
        schemas: [CORE],
        id: group.id,
        externalId: '8aa1a0c0',
        displayName: 'Sales EMEA',
        members: [
          { value: anna, $ref: `${server.url}/scim/v2/Users/${anna}`, display: 'Anna', type: 'User' },
          { value: bob, $ref: `${server.url}/scim/v2/Users/${bob}`, display: 'Bob', type: 'User' },
        ].sort((a, b) => (a.value < b.value ? -1 : 1)),
        meta: { ...group.meta, resourceType: 'Group', version: 'W/"1"' },
      });
      expect(effects.rows).toEqual({ groups: '+1', memberships: '+2', audit_entries: '+2' });
      expectEvents(effects, [
        ['group.created', group.id],
        ['group.members-added', group.id],
      ]);
      expect(await get(group.id)).toEqual(group);
      const { json } = await tenant.scim<JsonObject>('GET', `/Users/${anna}?attributes=groups`);
      expect(json['groups']).toEqual([
        {
          value: group.id,
          $ref: `${server.url}/scim/v2/Groups/${group.id}`,
          display: 'Sales EMEA',
          type: 'direct',
        },
      ]);
    });

    it('shows an empty group with an empty list', async () => {
      expect((await create({ displayName: 'Empty' })).members).toEqual([]);
    });

    it('R-037 refuses a second group of the name in any case, unless the connection allows it', async () => {
      await create({ displayName: 'Sales' });
      const effects = await effectsOf(async () => {
        const reply = await tenant.scim('POST', '/Groups', { displayName: 'SALES', members: values([anna]) });
        expect([reply.status, reply.json['scimType']]).toEqual([409, 'uniqueness']);
      });
      expectNoEffects(effects);
      tenant = await createTenant(server, { provisioning: { duplicateGroupNames: true } });
      await create({ displayName: 'Sales' });
      await create({ displayName: 'Sales' });
    });

    it('R-200 leaves out members that are nobody here: no id, another organization, deleted', async () => {
      const stranger = await createUser(await createTenant(server), 'Stranger');
      await tenant.scim('DELETE', `/Users/${carl}`);
      const group = await create({
        displayName: 'Sales',
        members: values(['string id 1', NOBODY, stranger, carl, anna]),
      });
      expect(group.members.map(({ value }) => value)).toEqual([anna]);
      const others = await server.sql(`SELECT 1 FROM memberships WHERE user_id = ANY($1::uuid[])`, [[stranger, carl]]);
      expect(others).toEqual([]);
    });

    it('refuses them when the connection says so, and writes nothing', async () => {
      tenant = await createTenant(server, { provisioning: { unknownMembers: 'reject' } });
      const known = await createUser(tenant, 'Known');
      const effects = await effectsOf(async () => {
        const reply = await tenant.scim('POST', '/Groups', { displayName: 'Sales', members: values([known, NOBODY]) });
        expect(reply.json).toMatchObject({ status: '400', scimType: 'invalidValue' });
        expect(reply.json['detail']).toContain(NOBODY);
      });
      expectNoEffects(effects);
    });
  });

  describe('PATCH', () => {
    it('adds and removes members in the dialects of the field, and nobody else', async () => {
      const { id } = await create({ displayName: 'Sales', members: values([anna]) });
      const steps: [JsonObject, string[]][] = [
        [{ op: 'Add', path: 'members', value: [{ $ref: null, value: bob }] }, [anna, bob]],
        [{ op: 'add', value: { members: [{ value: carl }] } }, [anna, bob, carl]],
        [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: bob }] }, [anna, carl]],
        [{ op: 'remove', path: `members[value eq "${carl}"]` }, [anna]],
        [{ op: 'remove', path: 'members', value: [] }, [anna]],
        [{ op: 'replace', path: 'members', value: values([bob, carl]) }, [bob, carl]],
        [{ op: 'add', path: 'members', value: { value: anna } }, [anna, bob, carl]],
        [{ op: 'remove', path: 'members' }, []],
        [{ op: 'replace', value: { members: values([anna]) } }, [anna]],
        [{ op: 'replace', path: 'members', value: [] }, []],
      ];
      for (const [operation, expected] of steps) {
        const reply = await patch(id, operation);
        expect(reply.status).toBe(200);
        expect(reply.json.members.map(({ value }) => value).sort()).toEqual(expected.sort());
        expect(await members(id)).toEqual(expected.sort());
      }
    });

    it('of one member writes one membership, the version of the group, one event, one audit entry', async () => {
      const { id } = await create({ displayName: 'Sales', members: values([anna]) });
      const added = await effectsOf(() => patch(id, { op: 'add', path: 'members', value: values([bob, anna]) }));
      expect(added.rows).toEqual({ memberships: '+1', groups: '~1', audit_entries: '+1' });
      expect(added.columns).toEqual({ groups: ['updated_at', 'version'] });
      expectEvents(added, [['group.members-added', id]]);
      const removed = await effectsOf(() => patch(id, { op: 'remove', path: `members[value eq "${anna}"]` }));
      expect(removed.rows).toEqual({ memberships: '-1', groups: '~1', audit_entries: '+1' });
      expectEvents(removed, [['group.members-removed', id]]);
    });

    it('R-142, R-134 that changes nobody changes nothing', async () => {
      const { id, meta } = await create({ displayName: 'Sales', externalId: 'e', members: values([anna]) });
      server.clock.advance(60);
      const effects = await effectsOf(async () => {
        const reply = await patch(
          id,
          { op: 'add', path: 'members', value: values([anna]) },
          { op: 'remove', path: `members[value eq "${bob}"]` },
          { op: 'replace', value: { id, displayName: 'Sales' } },
          { op: 'Add', path: 'externalId', value: 'e' },
          { op: 'replace', path: `members[value eq "${anna}"].display`, value: 'Somebody' },
        );
        expect(reply.json.meta).toEqual(meta);
      });
      expectNoEffects(effects);
    });

    it('renames, also together with members, also to its own name in another case', async () => {
      const { id } = await create({ displayName: 'Sales' });
      const effects = await effectsOf(async () => {
        const reply = await patch(
          id,
          { op: 'replace', value: { id, displayName: 'SALES' } },
          { op: 'add', path: 'members', value: values([anna]) },
        );
        expect(reply.json).toMatchObject({ displayName: 'SALES', meta: { version: 'W/"2"' } });
      });
      expectEvents(effects, [
        ['group.updated', id],
        ['group.members-added', id],
      ]);
    });

    it('R-131 is all or nothing', async () => {
      const { id } = await create({ displayName: 'Sales' });
      await create({ displayName: 'Marketing' });
      const effects = await effectsOf(async () => {
        const taken = await patch(
          id,
          { op: 'add', path: 'members', value: values([anna]) },
          { op: 'replace', path: 'displayName', value: 'marketing' },
        );
        expect([taken.status, taken.json['scimType']]).toEqual([409, 'uniqueness']);
        const removal = await patch(
          id,
          { op: 'add', path: 'members', value: values([anna]) },
          { op: 'remove', path: 'displayName' },
        );
        expect(removal.status).toBe(400);
      });
      expectNoEffects(effects);
    });

    it('of many clients at once loses nobody', async () => {
      const { id } = await create({ displayName: 'Sales' });
      const people = await Promise.all(Array.from({ length: 12 }, (_, index) => createUser(tenant, `Person ${index}`)));
      const replies = await Promise.all(
        people.map((person) => patch(id, { op: 'add', path: 'members', value: values([person]) })),
      );
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(await members(id)).toEqual([...people].sort());
    });
  });

  describe('PUT', () => {
    it('R-054 replaces the members, keeps them when they are not mentioned, empties for []', async () => {
      const { id } = await create({ displayName: 'Sales', externalId: 'e', members: values([anna, bob]) });
      const put = async (body: JsonObject) => {
        const reply = await tenant.scim<GroupBody>('PUT', `/Groups/${id}`, { schemas: [CORE], id, ...body });
        expect(reply.status).toBe(200);
        return reply.json;
      };
      const effects = await effectsOf(async () => {
        const group = await put({ displayName: 'Sales', members: [...values([bob, carl]), { value: 'nobody' }] });
        expect(group.members.map(({ value }) => value).sort()).toEqual([bob, carl].sort());
        expect(group['externalId']).toBe('e');
      });
      expect(effects.rows).toEqual({ memberships: '+1 -1', groups: '~1', waiting_members: '+1', audit_entries: '+3' });
      expectEvents(effects, [
        ['group.members-added', id],
        ['group.members-removed', id],
      ]);
      expect((await put({ displayName: 'Renamed' })).members).toHaveLength(2);
      expect((await put({ displayName: 'Renamed', externalId: null })).externalId).toBeUndefined();
      expect((await put({ displayName: 'Renamed', members: [] })).members).toEqual([]);
    });

    it('accepts what it has just answered, and then changes nothing', async () => {
      const { id } = await create({ displayName: 'Sales', externalId: 'e', members: values([anna, bob]) });
      const read = await get(id);
      const effects = await effectsOf(async () => {
        expect((await tenant.scim('PUT', `/Groups/${id}`, read)).json).toEqual(read);
      });
      expectNoEffects(effects);
    });
  });

  describe('members that are not asked for', () => {
    it('are not shown, and not loaded', async () => {
      const { id } = await create({ displayName: 'Sales', members: values([anna]) });
      for (const path of [`/Groups/${id}?excludedAttributes=members`, `/Groups/${id}?excludedAttributes=MEMBERS`]) {
        expect((await tenant.scim('GET', path)).json).not.toHaveProperty('members');
      }
      const { json } = await tenant.scim<{ Resources: GroupBody[] }>(
        'GET',
        '/Groups?excludedAttributes=members&filter=displayName+eq+"sales"',
      );
      expect(json.Resources).toHaveLength(1);
      expect(json.Resources[0]).not.toHaveProperty('members');
      const renamed = await tenant.scim('PUT', `/Groups/${id}?attributes=displayName`, { displayName: 'Renamed' });
      expect(renamed.json).toEqual({ schemas: [CORE], id, displayName: 'Renamed' });
    });

    it('R-140, R-116 a PATCH of a group of more than 1000 is answered 204 with the version, 200 when attributes are asked for', async () => {
      const { id } = await create({ displayName: 'Everybody' });
      const { organizationId } = tenant.connection;
      const people = Array.from({ length: 1001 }, () => newId());
      await server.sql(
        `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
         SELECT $1, p, $2, 'scim', true, p::text, p::text, '{}', '{}', 'member', now(), now() FROM unnest($3::uuid[]) p`,
        [organizationId, tenant.connection.id, people],
      );
      const push = (query: string, operation: JsonObject) =>
        tenant.scim<GroupBody>('PATCH', `/Groups/${id}${query}`, { Operations: [operation] });
      const filled = await push('', { op: 'add', path: 'members', value: values(people.slice(0, 1000)) });
      expect([filled.status, filled.json.members.length]).toEqual([200, 1000]);
      const last = { op: 'add', path: 'members', value: values(people.slice(1000)) };
      const reply = await push('', last);
      expect([reply.status, reply.body, reply.headers.get('etag')]).toEqual([204, '', 'W/"3"']);
      const asked = await push('?attributes=members', last);
      expect([asked.status, asked.json.members.length]).toEqual([200, 1001]);
      const without = await push('?excludedAttributes=members', last);
      expect([without.status, without.json.members]).toEqual([200, undefined]);
      expect((await get(id)).members).toHaveLength(1001);
    });
  });

  it('R-163, R-162 versions count members too: 304, 412', async () => {
    const { id, meta } = await create({ displayName: 'Sales' });
    const known = async (version: string) =>
      (await tenant.scim('GET', `/Groups/${id}`, undefined, { 'if-none-match': version })).status;
    expect(await known(meta.version)).toBe(304);
    await patch(id, { op: 'add', path: 'members', value: values([anna]) });
    expect(await known(meta.version)).toBe(200);
    const effects = await effectsOf(async () => {
      for (const [method, body] of [
        ['PATCH', { Operations: [] }],
        ['PUT', { displayName: 'x' }],
        ['DELETE', undefined],
      ] as const) {
        expect((await tenant.scim(method, `/Groups/${id}`, body, { 'if-match': meta.version })).status).toBe(412);
      }
    });
    expectNoEffects(effects);
    expect((await tenant.scim('DELETE', `/Groups/${id}`, undefined, { 'if-match': 'W/"2"' })).status).toBe(204);
  });

  it('R-055, R-056 DELETE answers 204, then 404, and takes the group from its members', async () => {
    const { id } = await create({ displayName: 'Sales', members: values([anna, bob]) });
    const effects = await effectsOf(async () => {
      expect((await tenant.scim('DELETE', `/Groups/${id}`)).status).toBe(204);
    });
    expect(effects.rows).toEqual({ groups: '-1', memberships: '-2', audit_entries: '+2' });
    expectEvents(effects, [
      ['group.members-removed', id],
      ['group.deleted', id],
    ]);
    for (const method of ['GET', 'DELETE', 'PATCH', 'PUT']) {
      const body = method === 'PATCH' ? { Operations: [] } : method === 'PUT' ? { displayName: 'x' } : undefined;
      expect((await tenant.scim(method, `/Groups/${id}`, body)).status).toBe(404);
    }
    expect((await tenant.scim('GET', `/Users/${anna}`)).json).not.toHaveProperty('groups');
  });

  it("R-200 never reaches another organization's group, nor puts its people in", async () => {
    const other = await createTenant(server);
    const stranger = await createUser(other, 'Stranger');
    const { json: theirs } = await other.scim<GroupBody>('POST', '/Groups', { displayName: 'Theirs' });
    const { id } = await create({ displayName: 'Sales' });
    const effects = await sideEffects(server, async () => {
      const push = { Operations: [{ op: 'add', path: 'members', value: values([anna]) }] };
      expect((await tenant.scim('GET', `/Groups/${theirs.id}`)).status).toBe(404);
      expect((await tenant.scim('PATCH', `/Groups/${theirs.id}`, push)).status).toBe(404);
      expect((await tenant.scim('PUT', `/Groups/${theirs.id}`, { displayName: 'x' })).status).toBe(404);
      expect((await tenant.scim('DELETE', `/Groups/${theirs.id}`)).status).toBe(404);
      expect((await patch(id, { op: 'add', path: 'members', value: values([stranger]) })).json.members).toEqual([]);
    });
    // A value that nobody here has waits, whosever it is elsewhere.
    expect(effects).toEqual({
      rows: { waiting_members: '+1', audit_entries: '+1' },
      columns: {},
      events: [],
      audit: [['group.members-waiting', id]],
    });
  });
});
