import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../../support/scenario.js';
import { declareSchema, removeSchema, type WrittenExtension } from '../../support/schemas.js';
import { sideEffects } from '../../support/side-effects.js';

const HR = 'urn:example:params:scim:hr:1.0:User';
const BADGE: WrittenExtension = {
  attributes: [
    { name: 'badge', uniqueness: 'server' },
    { name: 'serial', uniqueness: 'global', caseExact: true },
    { name: 'number', type: 'integer', uniqueness: 'server' },
    { name: 'tags', multiValued: true, uniqueness: 'server' },
    { name: 'car', type: 'complex', subAttributes: [{ name: 'plate', uniqueness: 'server' }, { name: 'colour' }] },
    { name: 'free' },
  ],
};

describe('R-037: uniqueness of extension attributes, kept by the database', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
    await declareSchema(server, tenant, HR, BADGE);
  });

  let count = 0;
  const create = (hr: JsonObject) =>
    tenant.scim<{ id: string; detail?: string; scimType?: string }>('POST', '/Users', {
      userName: `person-${++count}`,
      [HR]: hr,
    });
  const made = async (hr: JsonObject) => {
    const reply = await create(hr);
    expect([reply.status, reply.json.detail]).toEqual([201, undefined]);
    return reply.json.id;
  };
  const refused = (reply: { status: number; json: object }, attribute: string, value: string) =>
    expect([reply.status, reply.json]).toMatchObject([
      409,
      { scimType: 'uniqueness', detail: expect.stringContaining(`${HR}:${attribute} "${value}"`) as unknown },
    ]);

  it('R-037: refuses what somebody has, by POST, PUT and PATCH, naming the attribute and leaving nothing behind', async () => {
    await made({ badge: 'B-1', serial: 's', number: 7, tags: ['x', 'y'], car: { plate: 'K-AB 1', colour: 'red' } });
    const other = await made({ free: 'same' });
    await made({ free: 'same' });
    const effects = await sideEffects(server, async () => {
      refused(await create({ badge: 'b-1' }), 'badge', 'b-1');
      refused(await create({ number: 7 }), 'number', '7');
      refused(await create({ tags: ['z', 'Y'] }), 'tags', 'Y');
      refused(await create({ car: { plate: 'k-ab 1' } }), 'car.plate', 'k-ab 1');
      refused(
        await tenant.scim('PUT', `/Users/${other}`, { userName: 'other', [HR]: { badge: 'B-1' } }),
        'badge',
        'B-1',
      );
      const add = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] };
      const patch = (Operations: unknown) => tenant.scim('PATCH', `/Users/${other}`, { ...add, Operations });
      refused(await patch([{ op: 'add', path: `${HR}:tags`, value: ['y'] }]), 'tags', 'y');
      refused(await patch([{ op: 'replace', value: { [HR]: { serial: 's' } } }]), 'serial', 's');
    });
    expect(effects).toEqual({ rows: {}, columns: {}, events: [], audit: [] });
  });

  it('R-038: caseExact decides what is the same', async () => {
    await made({ badge: 'Straße', serial: 'Abc' });
    await made({ badge: 'strasse', serial: 'abc' });
    refused(await create({ badge: 'STRAßE' }), 'badge', 'STRAßE');
    refused(await create({ serial: 'Abc' }), 'serial', 'Abc');
  });

  it('R-037: a value is free again when it is changed, cleared, or its owner goes', async () => {
    const id = await made({ badge: 'one', tags: ['a', 'b'] });
    const patch = (...Operations: unknown[]) => tenant.scim('PATCH', `/Users/${id}`, { Operations });
    expect((await patch({ op: 'replace', path: `${HR}:badge`, value: 'two' })).status).toBe(200);
    await made({ badge: 'one' });
    expect((await patch({ op: 'remove', path: `${HR}:tags[value eq "a"]` })).status).toBe(200);
    await made({ tags: ['a'] });
    refused(await create({ tags: ['b'] }), 'tags', 'b');
    expect((await tenant.scim('PUT', `/Users/${id}`, { userName: 'plain' })).status).toBe(200);
    await made({ badge: 'two', tags: ['b'] });
    const gone = await made({ badge: 'gone' });
    expect((await tenant.scim('DELETE', `/Users/${gone}`)).status).toBe(204);
    await made({ badge: 'gone' });
  });

  it('R-037: equal values again, and its own, are no conflict', async () => {
    const id = await made({ badge: 'own', tags: ['a', 'A'] });
    const again = { userName: 'own', [HR]: { badge: 'OWN', tags: ['A', 'b'] } };
    expect((await tenant.scim('PUT', `/Users/${id}`, again)).status).toBe(200);
    const effects = await sideEffects(server, async () => {
      expect((await tenant.scim('PUT', `/Users/${id}`, again)).status).toBe(200);
    });
    expect(effects.rows).toEqual({});
  });

  it('R-037: very long values are told apart', async () => {
    const long = 'x'.repeat(100_000);
    await made({ badge: long });
    await made({ badge: `${long}y` });
    expect((await create({ badge: long.toUpperCase() })).status).toBe(409);
  });

  it('R-037, R-200: another organization has values of its own', async () => {
    await made({ badge: 'shared' });
    const stranger = await createTenant(server);
    await declareSchema(server, stranger, HR, BADGE);
    expect((await stranger.scim('POST', '/Users', { userName: 'x', [HR]: { badge: 'shared' } })).status).toBe(201);
  });

  it('R-037: declaring finds what is there: duplicates refuse it, all else is entered', async () => {
    await removeSchema(server, tenant, HR);
    await declareSchema(server, tenant, HR, { attributes: [{ name: 'badge' }, { name: 'tags', multiValued: true }] });
    const first = await made({ badge: 'dup', tags: ['t'] });
    const second = await made({ badge: 'DUP' });
    const effects = await sideEffects(server, async () => {
      await expect(
        declareSchema(server, tenant, HR, { attributes: [{ name: 'badge', uniqueness: 'server' }] }),
      ).rejects.toThrow(`"${HR}:badge" cannot be unique: 2 users have "dup" (${first}, ${second})`);
    });
    expect(effects.rows).toEqual({});
    await tenant.scim('PATCH', `/Users/${second}`, { Operations: [{ op: 'remove', path: `${HR}:badge` }] });
    await declareSchema(server, tenant, HR, {
      attributes: [
        { name: 'badge', uniqueness: 'server' },
        { name: 'tags', multiValued: true, uniqueness: 'server' },
      ],
    });
    refused(await create({ badge: 'dup' }), 'badge', 'dup');
    refused(await create({ tags: ['T'] }), 'tags', 'T');
    // Unique no longer: everybody may have it.
    await declareSchema(server, tenant, HR, { attributes: [{ name: 'badge' }] });
    await made({ badge: 'dup' });
    expect(
      await server.sql(`SELECT * FROM unique_values WHERE organization_id = $1`, [tenant.organization.id]),
    ).toEqual([]);
  });

  it('R-037: of groups as of users', async () => {
    const urn = 'urn:example:params:scim:cost:1.0:Group';
    await declareSchema(server, tenant, urn, {
      resourceType: 'Group',
      attributes: [{ name: 'code', uniqueness: 'server' }],
    });
    const group = (displayName: string, code: string) =>
      tenant.scim<{ id: string }>('POST', '/Groups', { displayName, [urn]: { code } });
    const first = await group('First', 'C-1');
    expect(first.status).toBe(201);
    expect(await group('Second', 'c-1')).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } });
    expect((await tenant.scim('DELETE', `/Groups/${first.json.id}`)).status).toBe(204);
    expect((await group('Second', 'c-1')).status).toBe(201);
  });

  it('R-037: of many who want one value at the same moment, one gets it', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => create({ badge: 'race', tags: ['b', 'a'] })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(11).fill(409)]);
  });

  it('R-037: nothing slips past a declaration that runs beside writes', async () => {
    await declareSchema(server, tenant, HR, { attributes: [{ name: 'badge' }] });
    const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => made({ badge: `start-${index}` })));
    const writes = ids.map((id, index) =>
      tenant.scim('PATCH', `/Users/${id}`, {
        Operations: [{ op: 'replace', path: `${HR}:badge`, value: `end-${index % 4}` }],
      }),
    );
    const declared = declareSchema(server, tenant, HR, { attributes: [{ name: 'badge', uniqueness: 'server' }] }).then(
      () => true,
      () => false,
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    const rows = await server.sql<{ badge: string }>(
      `SELECT lower(attributes #>> ARRAY[$2::text, 'badge']) AS badge FROM users WHERE organization_id = $1 AND deleted_at IS NULL`,
      [tenant.organization.id, HR],
    );
    const badges = rows.map(({ badge }) => badge);
    if (await declared) {
      expect(new Set(badges).size).toBe(badges.length);
      expect(
        await server.sql(`SELECT count(*)::integer AS n FROM unique_values WHERE organization_id = $1`, [
          tenant.organization.id,
        ]),
      ).toEqual([{ n: 8 }]);
    } else expect(statuses).toEqual(Array<number>(8).fill(200));
  });
});
