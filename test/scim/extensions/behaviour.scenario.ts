import { startTestServer, type TestServer } from '../../support/app.js';
import {
  createConnection,
  createScimToken,
  createTenant,
  request,
  type JsonObject,
  type Tenant,
} from '../../support/scenario.js';
import { declareSchema, removeSchema } from '../../support/schemas.js';
import { expectNoEffects, sideEffects } from '../../support/side-effects.js';

const X = 'urn:example:params:scim:everything:1.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const OF_ALL_TYPES = {
  attributes: [
    { name: 'text' },
    { name: 'exact', caseExact: true },
    { name: 'flag', type: 'boolean' },
    { name: 'whole', type: 'integer' },
    { name: 'part', type: 'decimal' },
    { name: 'at', type: 'dateTime' },
    { name: 'bytes', type: 'binary' },
    { name: 'link', type: 'reference', referenceTypes: ['external'] },
    { name: 'texts', multiValued: true },
    { name: 'numbers', type: 'integer', multiValued: true },
    {
      name: 'desk',
      type: 'complex',
      subAttributes: [
        { name: 'room', required: true },
        { name: 'since', type: 'dateTime' },
        { name: 'plate', mutability: 'immutable' },
      ],
    },
    {
      name: 'phones',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value' },
        { name: 'type' },
        { name: 'primary', type: 'boolean' },
        { name: 'sim', mutability: 'immutable' },
      ],
    },
    { name: 'ours', mutability: 'readOnly' },
    { name: 'once', mutability: 'immutable' },
    { name: 'marks', mutability: 'immutable', multiValued: true },
    { name: 'drop', mutability: 'writeOnly', returned: 'never' },
    { name: 'always', returned: 'always' },
    { name: 'asked', returned: 'request' },
  ],
} as const;
const FULL = {
  text: 'Text',
  exact: 'Exact',
  flag: false,
  whole: 42,
  part: 0.1,
  at: '2026-11-24T12:00:00.123456789+01:00',
  bytes: 'aGk=',
  link: 'https://example.com/x',
  texts: ['a', 'B'],
  numbers: [1, 2],
  desk: { room: '1.01', since: '2020-01-01T00:00:00Z' },
  phones: [{ value: '1', type: 'desk', primary: true }, { value: '2' }],
};

describe('extension schemas as data', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
    await declareSchema(server, tenant, X, OF_ALL_TYPES);
  });

  let count = 0;
  type User = JsonObject & { id: string; schemas: string[]; detail?: string };
  const create = (x: unknown, path = '/Users', userName = `p-${++count}`) =>
    tenant.scim<User>('POST', path, { userName, ...(x === undefined ? {} : { [X]: x }) });
  const made = async (x?: unknown) => {
    const reply = await create(x);
    expect([reply.status, reply.json.detail]).toEqual([201, undefined]);
    return reply.json;
  };
  const patch = (id: string, ...Operations: unknown[]) => tenant.scim<User>('PATCH', `/Users/${id}`, { Operations });
  const put = (id: string, x: unknown, userName = `put-${id}`) =>
    tenant.scim<User>('PUT', `/Users/${id}`, { userName, ...(x === undefined ? {} : { [X]: x }) });
  const get = async (id: string, query = '') => (await tenant.scim<User>('GET', `/Users/${id}${query}`)).json;
  const found = async (filter: string) => {
    const reply = await tenant.scim<{ Resources?: User[]; detail?: string }>(
      'GET',
      `/Users?filter=${encodeURIComponent(filter)}`,
    );
    return reply.json.Resources?.map(({ id }) => id) ?? [reply.status, reply.json.detail];
  };
  const refused = (reply: { status: number; json: object }, scimType: string, ...words: string[]) => {
    expect(reply).toMatchObject({ status: 400, json: { scimType } });
    for (const word of words) expect(reply.json).toMatchObject({ detail: expect.stringContaining(word) as unknown });
  };

  it('R-025, R-032: values of every type come back as they were, under the URN, by POST, GET, PUT, PATCH and lists', async () => {
    const user = await made(FULL);
    expect(user[X]).toEqual(FULL);
    expect((await get(user.id))[X]).toEqual(FULL);
    const replaced = await put(user.id, { ...FULL, text: 'Other', numbers: [3] });
    expect(replaced.json[X]).toEqual({ ...FULL, text: 'Other', numbers: [3] });
    const patched = await patch(user.id, { op: 'replace', path: X, value: { text: 'Third', flag: 'True' } });
    expect(patched.json[X]).toEqual({ ...FULL, numbers: [3], text: 'Third', flag: true });
    const list = await tenant.scim<{ Resources: User[] }>('GET', '/Users');
    expect(list.json.Resources[0]).toEqual(patched.json);
  });

  it.each([
    ['text', 7],
    ['flag', 'perhaps'],
    ['whole', 1.5],
    ['part', 'much'],
    ['at', '2026-11-24'],
    ['link', {}],
    ['texts', [{}]],
    ['desk', 'here'],
    ['desk', { since: '2020-01-01T00:00:00Z' }],
    [
      'phones',
      [
        { value: '1', primary: true },
        { value: '2', primary: true },
      ],
    ],
  ])('R-025: a value of %s that does not fit is refused by name: %p', async (name, value) => {
    const user = await made();
    const effects = await sideEffects(server, async () => {
      refused(await create({ [name]: value }), 'invalidValue', name);
      refused(await put(user.id, { [name]: value }), 'invalidValue', name);
      refused(await patch(user.id, { op: 'add', path: `${X}:${name}`, value }), 'invalidValue', name);
    });
    expectNoEffects(effects);
  });

  it('R-020, R-137, R-138: the URN is in schemas exactly when something of the extension is there', async () => {
    const user = await made();
    expect(user.schemas).toEqual([USER]);
    const first = await patch(user.id, { op: 'add', path: `${X.toUpperCase()}:TEXT`, value: 'x' });
    expect(first.json).toMatchObject({ schemas: [USER, X], [X]: { text: 'x' } });
    expect(await found(`schemas eq "${X}"`)).toEqual([user.id]);
    const last = await patch(user.id, { op: 'remove', path: `${X}:text` });
    expect([last.json.schemas, X in last.json]).toEqual([[USER], false]);
    expect(await found(`schemas eq "${X}"`)).toEqual([]);
    // What is there and never shown is no reason to name the schema.
    const secret = await patch(user.id, { op: 'add', path: `${X}:drop`, value: 'x' });
    expect([secret.json.schemas, X in secret.json]).toEqual([[USER], false]);
    expect([await found(`schemas eq "${X}"`), await found(`${X} pr`)]).toEqual([[], []]);
  });

  it('R-024, R-071, R-073, R-074, R-077 filters know every type, caseExact, elements and the attribute without its URN', async () => {
    const user = await made(FULL);
    await made({ text: 'none' });
    for (const filter of [
      `${X}:text eq "TEXT"`,
      'text sw "te" and not (text eq "none")',
      'exact eq "Exact"',
      'flag eq false and whole pr',
      'whole gt 41 and whole le 42',
      'part lt 0.2',
      'at eq "2026-11-24T11:00:00.123456789Z"',
      'at gt "2026-11-24T11:00:00.123456788Z"',
      'bytes eq "aGk="',
      'link co "example.com"',
      'texts eq "b"',
      'texts[value eq "a"]',
      'numbers ge 2',
      'desk.room eq "1.01"',
      `${X}:desk.since lt "2021-01-01T00:00:00Z"`,
      'phones[type eq "desk" and value eq "1"]',
      `${X}:phones.value eq "2"`,
      'phones eq "2"',
      `${X.toUpperCase()}:numbers eq 1`,
    ])
      expect([filter, await found(filter)]).toEqual([filter, [user.id]]);
    expect(await found('exact eq "exact"')).toEqual([]);
    expect(await found('bytes gt "a"')).toEqual([400, expect.stringContaining('bytes')]);
    expect(await found('drop eq "x"')).toEqual([400, expect.stringContaining('drop')]);
    const search = await tenant.scim<{ totalResults: number }>('POST', '/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: `${X}:whole eq 42`,
    });
    expect(search.json.totalResults).toBe(1);
  });

  it('R-090, R-093: sorts by each type', async () => {
    const ids: string[] = [];
    for (const [index, text] of ['b', 'A', 'C'].entries()) {
      const x = { text, whole: [10, 9, 100][index], at: `2026-01-0${index + 1}T00:00:00.1Z`, texts: [text] };
      ids.push((await made(x)).id);
    }
    const sorted = async (by: string) => {
      const reply = await tenant.scim<{ Resources: User[] }>('GET', `/Users?sortBy=${encodeURIComponent(by)}`);
      return reply.json.Resources.map(({ id }) => ids.indexOf(id));
    };
    expect(await sorted(`${X}:text`)).toEqual([1, 0, 2]);
    expect(await sorted('whole')).toEqual([1, 0, 2]);
    expect(await sorted(`${X}:at`)).toEqual([0, 1, 2]);
    expect(await sorted('texts')).toEqual([1, 0, 2]);
    expect((await tenant.scim('GET', '/Users?sortBy=drop')).status).toBe(400);
  });

  it('R-093, R-121, C-07: over both types by what both or one of them declare, unless they disagree about its type', async () => {
    const G = 'urn:example:params:scim:everything:1.0:Group';
    await declareSchema(server, tenant, G, {
      resourceType: 'Group',
      attributes: [
        { name: 'text' },
        { name: 'whole', type: 'string' },
        { name: 'at', type: 'dateTime' },
        { name: 'groups', type: 'complex', subAttributes: [{ name: 'value' }] },
        {
          name: 'phones',
          type: 'complex',
          subAttributes: [{ name: 'value', mutability: 'writeOnly', returned: 'never' }],
        },
      ],
    });
    const users = [
      await made({ text: 'b', whole: 10, at: '2026-01-02T00:00:00Z' }),
      await made({ text: 'D', whole: 9, at: '2026-01-01T23:30:00-01:00' }),
    ].map(({ id }) => id);
    const groups: string[] = [];
    for (const [n, text] of ['A', 'c'].entries()) {
      const x = { text, whole: '1', at: `2026-01-02T0${n}:15:00Z`, groups: { value: `x${n}` } };
      const members = n === 0 ? [{ value: users[1] }] : [];
      const reply = await tenant.scim<User>('POST', '/Groups', { displayName: text, members, [G]: x });
      expect(reply.status).toBe(201);
      groups.push(reply.json.id);
    }
    const all = ['u0', 'u1', 'g0', 'g1'];
    const search = (body: JsonObject) =>
      tenant.scim<{ Resources: User[]; nextCursor?: string }>('POST', '/.search', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        ...body,
      });
    const sorted = async (sortBy: string) => {
      const ids: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page = await search({ sortBy, count: 1, cursor });
        expect([page.status, page.body]).toEqual([200, expect.any(String)]);
        ids.push(...page.json.Resources.map(({ id }) => all[[...users, ...groups].indexOf(id)]!));
        cursor = page.json.nextCursor;
      }
      return ids.join(' ');
    };
    expect(await sorted('text')).toBe('g0 u0 g1 u1');
    expect(await sorted('at')).toBe('u0 g0 u1 g1');
    expect(await sorted(`${G}:text`)).toBe('g0 g1 u0 u1');
    expect(await sorted(`${X}:whole`)).toBe('u1 u0 g0 g1');
    expect(await sorted(`${G}:whole`)).toBe('g0 g1 u0 u1');
    // A user's group and a text of a group's own: both are texts.
    expect(await sorted('groups')).toBe('u1 g0 g1 u0');
    refused(await search({ sortBy: 'whole' }), 'invalidValue', 'integer', 'string', 'URN');
    refused(await search({ sortBy: 'phones' }), 'invalidValue', 'phones');
    refused(await search({ sortBy: `${G}:phones` }), 'invalidValue', 'phones');
  });

  it('R-036: readOnly is ignored in POST and PUT, and refused when a PATCH path names it', async () => {
    const user = await made({ text: 'x', ours: 'client' });
    expect(user[X]).toEqual({ text: 'x' });
    expect((await put(user.id, { text: 'x', ours: 'client' })).json[X]).toEqual({ text: 'x' });
    refused(await patch(user.id, { op: 'replace', path: `${X}:ours`, value: 'c' }), 'mutability', 'ours');
    const quiet = await patch(user.id, { op: 'replace', value: { [X]: { ours: 'c', text: 'y' } } });
    expect(quiet.json[X]).toEqual({ text: 'y' });
  });

  it('R-036, R-139: immutable is set once: by POST, or later where nothing was; equal values pass, others and none do not', async () => {
    const user = await made({ text: 'x' });
    expect((await patch(user.id, { op: 'add', path: `${X}:once`, value: 'first' })).json[X]).toMatchObject({
      once: 'first',
    });
    const effects = await sideEffects(server, async () => {
      const set = (op: string, value?: unknown) =>
        patch(user.id, { op, path: `${X}:once`, ...(value ? { value } : {}) });
      expect((await set('replace', 'first')).status).toBe(200);
      refused(await set('replace', 'second'), 'mutability', 'once');
      refused(await set('add', 'FIRST'), 'mutability', 'once');
      refused(await set('remove'), 'mutability', 'once');
      refused(await patch(user.id, { op: 'remove', path: X }), 'mutability', 'once');
      refused(await put(user.id, { once: 'second' }), 'mutability', 'once');
      refused(await put(user.id, { once: null }), 'mutability', 'once');
    });
    expectNoEffects(effects);
    // A PUT that does not mention it has not meant to clear it.
    expect((await put(user.id, { text: 'y' })).json[X]).toEqual({ text: 'y', once: 'first' });
    expect((await put(user.id, undefined)).json[X]).toEqual({ once: 'first' });
    const marks = await made({ marks: ['a', 'b'] });
    expect((await put(marks.id, { marks: ['b', 'a'] })).status).toBe(200);
    refused(await patch(marks.id, { op: 'add', path: `${X}:marks`, value: ['c'] }), 'mutability', 'marks');
  });

  it('R-036: immutable parts of single values and of elements', async () => {
    const user = await made({ desk: { room: '1', plate: 'p' }, phones: [{ value: '1', sim: 's' }, { value: '2' }] });
    refused(await patch(user.id, { op: 'replace', path: `${X}:desk.plate`, value: 'q' }), 'mutability', 'plate');
    refused(await put(user.id, { desk: { room: '1', plate: 'q' } }), 'mutability', 'plate');
    expect(
      (await put(user.id, { desk: { room: '2' }, phones: user[X] && (user[X] as JsonObject)['phones'] })).json[X],
    ).toMatchObject({
      desk: { room: '2', plate: 'p' },
    });
    refused(
      await patch(user.id, { op: 'replace', path: `${X}:phones[value eq "1"].sim`, value: 't' }),
      'mutability',
      'sim',
    );
    refused(await patch(user.id, { op: 'replace', path: `${X}:phones.sim`, value: 't' }), 'mutability', 'sim');
    expect((await patch(user.id, { op: 'add', path: `${X}:phones[value eq "2"].sim`, value: 't' })).status).toBe(200);
    expect((await patch(user.id, { op: 'remove', path: `${X}:phones[value eq "1"]` })).status).toBe(200);
    refused(await patch(user.id, { op: 'remove', path: `${X}:desk.room` }), 'mutability', 'room');
  });

  it('R-035, R-036, R-114: writeOnly is stored, and neither returned, filtered nor sorted by', async () => {
    const user = await made({ drop: 'hidden', text: 'x' });
    const [row] = await server.sql<{ drop: string }>(
      `SELECT attributes #>> ARRAY[$2::text, 'drop'] AS drop FROM users WHERE id = $1`,
      [user.id, X],
    );
    expect(row).toEqual({ drop: 'hidden' });
    for (const answer of [
      user,
      await get(user.id),
      await get(user.id, `?attributes=${X}:drop,${X}`),
      (await patch(user.id, { op: 'replace', path: `${X}:drop`, value: 'hidden too' })).json,
    ])
      expect(JSON.stringify(answer)).not.toContain('hidden');
    expect((await put(user.id, { text: 'x' })).status).toBe(200);
    expect(await server.sql(`SELECT attributes -> $2::text AS x FROM users WHERE id = $1`, [user.id, X])).toEqual([
      { x: { text: 'x' } },
    ]);
  });

  it('R-035, R-110, R-111, R-112, R-113, R-114 always, request and the URN in projections', async () => {
    const user = await made({ text: 'x', always: 'a', asked: 'q' });
    // The write named it.
    expect(user[X]).toEqual({ text: 'x', always: 'a', asked: 'q' });
    expect((await get(user.id))[X]).toEqual({ text: 'x', always: 'a' });
    expect(await get(user.id, '?attributes=userName')).toMatchObject({ schemas: [USER, X], [X]: { always: 'a' } });
    expect((await get(user.id, `?attributes=${X}:asked`))[X]).toEqual({ always: 'a', asked: 'q' });
    expect((await get(user.id, `?attributes=${X}`))[X]).toEqual({ text: 'x', always: 'a' });
    expect((await get(user.id, `?excludedAttributes=${X}`))[X]).toEqual({ always: 'a' });
    expect((await get(user.id, `?excludedAttributes=${X}:always,TEXT`))[X]).toEqual({ always: 'a' });
    expect((await patch(user.id, { op: 'add', path: `${X}:text`, value: 'y' })).json[X]).toEqual({
      text: 'y',
      always: 'a',
    });
    expect((await patch(user.id, { op: 'replace', path: `${X}:asked`, value: 'r' })).json[X]).toMatchObject({
      asked: 'r',
    });
    expect((await patch(user.id, { op: 'replace', value: { [`${X}:asked`]: 's' } })).json[X]).toMatchObject({
      asked: 's',
    });
    const narrowed = await tenant.scim<User>('PATCH', `/Users/${user.id}?attributes=userName`, {
      Operations: [{ op: 'replace', path: `${X}:asked`, value: 't' }],
    });
    expect(narrowed.json[X]).toEqual({ always: 'a' });
    const list = await tenant.scim<{ Resources: User[] }>('GET', `/Users?attributes=${X}:asked`);
    expect(list.json.Resources[0]![X]).toEqual({ always: 'a', asked: 't' });
  });

  it('PATCH reaches simple elements by their value', async () => {
    const user = await made({ texts: ['a', 'b'], numbers: [1, 2, 3] });
    const numbers = await patch(user.id, { op: 'remove', path: `${X}:numbers[value gt 1]` });
    expect(numbers.json[X]).toMatchObject({ numbers: [1] });
    const texts = await patch(user.id, { op: 'replace', path: `${X}:texts[value eq "a"]`, value: 'c' });
    expect(texts.json[X]).toMatchObject({ texts: ['c', 'b'] });
    refused(await patch(user.id, { op: 'replace', path: `${X}:texts[value eq "a"]`, value: 'd' }), 'noTarget');
    expect((await patch(user.id, { op: 'add', path: `${X}:texts`, value: ['b', 'e'] })).json[X]).toMatchObject({
      texts: ['c', 'b', 'e'],
    });
  });

  it('R-184: a required extension and required attributes are demanded, and discovery says so', async () => {
    const strict = await createTenant(server);
    await declareSchema(server, strict, X, {
      required: true,
      attributes: [
        { name: 'text', required: true },
        { name: 'flag', type: 'boolean' },
      ],
    });
    const post = (x?: unknown) =>
      strict.scim<User>('POST', '/Users', { userName: `s-${++count}`, ...(x ? { [X]: x } : {}) });
    refused(await post(), 'invalidValue', X);
    refused(await post({ flag: true }), 'invalidValue', 'text');
    const user = await post({ text: 'x' });
    expect(user.status).toBe(201);
    const edit = (...Operations: unknown[]) => strict.scim('PATCH', `/Users/${user.json.id}`, { Operations });
    refused(await edit({ op: 'remove', path: X }), 'mutability', X);
    refused(await edit({ op: 'remove', path: `${X}:text` }), 'mutability', 'text');
    refused(await strict.scim('PUT', `/Users/${user.json.id}`, { userName: 'x' }), 'invalidValue', X);
    const type = await strict.scim<{ schemaExtensions: unknown[] }>('GET', '/ResourceTypes/User');
    expect(type.json.schemaExtensions).toContainEqual({ schema: X, required: true });
  });

  it('R-181, R-184, R-185 discovery shows each connection what it declares, exactly', async () => {
    const { json } = await tenant.scim<{ Resources: JsonObject[] }>('GET', '/Schemas');
    expect(json.Resources.map(({ id }) => id)).toContain(X);
    const schema = await tenant.scim<{ attributes: JsonObject[] }>(
      'GET',
      `/Schemas/${encodeURIComponent(X.toUpperCase())}`,
    );
    expect(schema.status).toBe(200);
    expect(schema.body).not.toContain('null');
    expect(schema.json.attributes.find(({ name }) => name === 'link')).toEqual({
      name: 'link',
      type: 'reference',
      multiValued: false,
      description: 'link',
      required: false,
      caseExact: true,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
      referenceTypes: ['external'],
    });
    const types = await tenant.scim<{ Resources: { id: string; schemaExtensions: JsonObject[] }[] }>(
      'GET',
      '/ResourceTypes',
    );
    expect(types.json.Resources[0]!.schemaExtensions).toContainEqual({ schema: X, required: false });
    const stranger = await createTenant(server);
    expect((await stranger.scim('GET', `/Schemas/${X}`)).status).toBe(404);
    expect((await stranger.scim('POST', '/Users', { userName: 'x', [X]: { text: 'x' } })).json).not.toHaveProperty([X]);
  });

  it('a schema that is taken back hides its values and keeps them, through PUT and PATCH, until it is declared again', async () => {
    const user = await made({ text: 'kept', numbers: [1] });
    await removeSchema(server, tenant, X);
    expect(await get(user.id)).not.toHaveProperty([X]);
    expect((await get(user.id)).schemas).toEqual([USER]);
    expect(await found(`${X}:text eq "kept"`)).toEqual([400, expect.stringContaining('text')]);
    expect((await tenant.scim('GET', `/Schemas/${X}`)).status).toBe(404);
    expect((await put(user.id, { text: 'unknown now' })).json).not.toHaveProperty([X]);
    refused(await patch(user.id, { op: 'add', path: `${X}:text`, value: 'no' }), 'invalidPath');
    await declareSchema(server, tenant, X, { attributes: [{ name: 'numbers', type: 'integer', multiValued: true }] });
    expect((await get(user.id))[X]).toEqual({ numbers: [1] });
    expect((await put(user.id, { numbers: [2] })).json[X]).toEqual({ numbers: [2] });
    expect((await put(user.id, undefined)).json).not.toHaveProperty([X]);
    expect(await found(`schemas eq "${X}"`)).toEqual([]);
    await declareSchema(server, tenant, X, OF_ALL_TYPES);
    expect((await get(user.id))[X]).toEqual({ text: 'kept' });
  });

  it('connections of one organization share values; each sees what it declares, and what is unique is unique to all', async () => {
    const connection = await createConnection(server, tenant.organization, { scim: true });
    const token = await createScimToken(server, connection);
    await declareSchema(server, { organization: tenant.organization, connection }, X, {
      attributes: [{ name: 'text' }, { name: 'badge', uniqueness: 'server' }],
    });
    const other = (method: string, path: string, body?: unknown) =>
      request<User>(server, method, `/scim/v2${path}`, { token, body });
    const user = await made({ text: 'shared', whole: 1 });
    expect((await other('GET', `/Users/${user.id}`)).json[X]).toEqual({ text: 'shared' });
    expect((await other('POST', '/Users', { userName: 'b1', [X]: { badge: '1' } })).status).toBe(201);
    expect((await other('POST', '/Users', { userName: 'b2', [X]: { badge: '1' } })).status).toBe(409);
    await expect(declareSchema(server, tenant, X, { attributes: [{ name: 'badge' }] })).rejects.toThrow(
      'declares "badge" otherwise',
    );
    await expect(declareSchema(server, tenant, X, { attributes: [{ name: 'text', type: 'integer' }] })).rejects.toThrow(
      '"text" otherwise',
    );
    await expect(
      declareSchema(server, tenant, X, { resourceType: 'Group', attributes: [{ name: 'text' }] }),
    ).rejects.toThrow('delete it first');
  });

  it('whoever is adopted keeps what other clients know of them', async () => {
    const user = await made({ text: 'kept', whole: 1 });
    await server.sql(`UPDATE users SET provenance = 'jit' WHERE id = $1`, [user.id]);
    const connection = await createConnection(server, tenant.organization, { scim: true });
    const token = await createScimToken(server, connection);
    await declareSchema(server, { organization: tenant.organization, connection }, X, {
      attributes: [{ name: 'text' }],
    });
    const body = { userName: user['userName'], [X]: { text: 'new' } };
    const adopted = await request<User>(server, 'POST', '/scim/v2/Users', { token, body });
    expect([adopted.status, adopted.json.id, adopted.json[X]]).toEqual([201, user.id, { text: 'new' }]);
    expect((await get(user.id))[X]).toEqual({ text: 'new', whole: 1 });
  });

  it('a definition that what is stored would contradict is refused, and says whose values stand against it', async () => {
    const user = await made({ text: 'x', phones: [{ value: '1', sim: 's' }] });
    await made({ flag: true });
    const effects = await sideEffects(server, async () => {
      const declare = (...attributes: Parameters<typeof declareSchema>[3]['attributes']) =>
        declareSchema(server, tenant, X, { attributes });
      await expect(declare({ name: 'text', type: 'integer' })).rejects.toThrow(
        `1 users do not fit: "text" is not of type integer (${user.id})`,
      );
      await expect(declare({ name: 'text', multiValued: true })).rejects.toThrow('"text" is a single value');
      await expect(declare({ name: 'text', required: true })).rejects.toThrow('"text" is required and missing');
      await expect(
        declare({ name: 'phones', type: 'complex', multiValued: true, subAttributes: [{ name: 'value' }] }),
      ).rejects.toThrow('"phones" has a value for "sim"');
      await made();
      await expect(declareSchema(server, tenant, X, { required: true, attributes: [{ name: 'new' }] })).rejects.toThrow(
        'cannot be required: 1 users',
      );
    });
    expect(effects.rows).not.toHaveProperty('connections');
    // The same again: nothing happens.
    expectNoEffects(await sideEffects(server, () => declareSchema(server, tenant, X, OF_ALL_TYPES)));
    expect(
      (await sideEffects(server, () => declareSchema(server, tenant, X, { attributes: [{ name: 'text' }] }))).audit,
    ).toEqual([['connection.schema-declared', tenant.connection.id]]);
  });

  it('a group extension may have an attribute called members', async () => {
    const urn = 'urn:example:params:scim:odd:1.0:Group';
    await declareSchema(server, tenant, urn, {
      resourceType: 'Group',
      attributes: [{ name: 'members', type: 'integer' }, { name: 'schemas' }],
    });
    const group = await tenant.scim<User>('POST', '/Groups', {
      displayName: 'odd',
      [urn]: { members: 3, schemas: 's' },
    });
    expect(group.json).toMatchObject({ members: [], [urn]: { members: 3, schemas: 's' } });
    const changed = await tenant.scim<User>('PATCH', `/Groups/${group.json.id}`, {
      Operations: [{ op: 'replace', path: `${urn}:members`, value: 4 }],
    });
    expect(changed.json).toMatchObject({ members: [], [urn]: { members: 4 } });
    const list = await tenant.scim<{ totalResults: number }>(
      'GET',
      `/Groups?filter=${encodeURIComponent(`${urn}:members eq 4 and ${urn}:schemas eq "S"`)}`,
    );
    expect(list.json.totalResults).toBe(1);
  });
});
