import { startTestServer, type TestServer } from '../support/app.js';
import { placesOf, valueFor, valuesAt, wrongFor, type Described, type Place } from '../support/schema-values.js';
import { createTenant, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/**
 * A client that knows nothing but /ResourceTypes and /Schemas: for each attribute it reads there it sends what the characteristics allow
 * and what they forbid. What the server says of itself is what it does, for every attribute that is there today or tomorrow.
 */

interface Type {
  readonly name: string;
  readonly endpoint: string;
  readonly urns: readonly string[];
  readonly places: readonly Place[];
}
type Found = JsonObject & { id: string; meta: { version: string } };

let server: TestServer;
let tenant: Tenant;
let types: Type[];
let serial = 0;

beforeAll(async () => {
  server = await startTestServer();
  tenant = await createTenant(server);
  const { Resources: described } = (
    await tenant.scim<{ Resources: { id: string; attributes: Described[] }[] }>('GET', '/Schemas')
  ).json;
  const attributesOf = (urn: string) => described.find(({ id }) => id === urn)!.attributes;
  const { Resources } = (
    await tenant.scim<{
      Resources: { name: string; endpoint: string; schema: string; schemaExtensions: { schema: string }[] }[];
    }>('GET', '/ResourceTypes')
  ).json;
  types = Resources.map(({ name, endpoint, schema, schemaExtensions }) => {
    const extensions = schemaExtensions.map((extension) => extension.schema);
    return {
      name,
      endpoint,
      urns: [schema, ...extensions],
      places: [
        ...placesOf(schema, attributesOf(schema), false),
        ...extensions.flatMap((urn) => placesOf(urn, attributesOf(urn), true)),
      ],
    };
  });
});
afterAll(() => server.close());

/** Runs for every place, and says for which it failed. */
async function forEach(
  which: (place: Place, type: Type) => boolean,
  check: (place: Place, type: Type) => Promise<void>,
) {
  let count = 0;
  for (const type of types) {
    for (const place of type.places.filter((each) => which(each, type))) {
      count += 1;
      try {
        await check(place, type);
      } catch (error) {
        throw new Error(`${type.name} ${place.path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  expect(count).toBeGreaterThan(0);
}

const isWritable = ({ attribute, parent }: Place) =>
  attribute.mutability !== 'readOnly' && parent?.mutability !== 'readOnly';
const isTop = ({ parent }: Place) => !parent;
/** The ids of members must be those of users. */
const isMembers = ({ attribute, parent }: Place, { name }: Type) =>
  name === 'Group' && (parent ?? attribute).name === 'members';

/** A resource with a value for everything that can be written, and the required values alone. */
async function full(type: Type): Promise<JsonObject> {
  const body: JsonObject = { schemas: [...type.urns], externalId: `Ext Aa${++serial}` };
  for (const place of type.places.filter((each) => isTop(each) && isWritable(each)))
    put(body, place, valueFor(place.attribute));
  return { ...body, ...(await proper(type)) };
}
async function proper(type: Type): Promise<JsonObject> {
  serial += 1;
  const named = type.places.filter(({ attribute, parent }) => !parent && attribute.required);
  const body = Object.fromEntries(named.map(({ attribute }) => [attribute.name, `Name Aa${serial}`]));
  if (type.name !== 'Group') return body;
  const user = await tenant.scim('POST', '/Users', { userName: `member${serial}`, displayName: 'Member Aa' });
  return { ...body, members: [{ value: user.json['id'] }] };
}
function put(body: JsonObject, { attribute, extension }: Place, value: unknown): void {
  if (extension === undefined) body[attribute.name] = value;
  else body[extension] = { ...(body[extension] as JsonObject | undefined), [attribute.name]: value };
}
async function create(type: Type, body: JsonObject): Promise<Found> {
  const reply = await tenant.scim<Found>('POST', type.endpoint, body);
  expect([reply.status, reply.body]).toEqual([201, expect.anything()]);
  return reply.json;
}
const createFull = async (type: Type) => create(type, await full(type));
/** A resource in which everything has a value, also what other resources give it. */
async function complete(type: Type): Promise<Found> {
  const { id } = await createFull(type);
  if (type.name === 'User')
    await tenant.scim('POST', '/Groups', { displayName: `Group Aa${++serial}`, members: [{ value: id }] });
  return read(type, id);
}
const read = async ({ endpoint }: Type, id: string) => (await tenant.scim<Found>('GET', `${endpoint}/${id}`)).json;
const patch = ({ endpoint }: Type, id: string, operation: JsonObject) =>
  tenant.scim<Found>('PATCH', `${endpoint}/${id}`, { Operations: [operation] });
const find = ({ endpoint }: Type, filter: string) =>
  tenant.scim<{ totalResults: number; Resources: Found[] }>(
    'GET',
    `${endpoint}?count=1000&attributes=id&filter=${encodeURIComponent(filter)}`,
  );
const finds = async (type: Type, filter: string, id: string) => {
  const reply = await find(type, filter);
  expect([filter, reply.status]).toEqual([filter, 200]);
  return reply.json.Resources.some((resource) => resource.id === id);
};
const refusal = ({ status, json }: Reply) => [status, json['scimType']];
async function refused(reply: () => Promise<Reply>, expected: [number, string]): Promise<void> {
  expectNoEffects(await sideEffects(server, async () => expect(refusal(await reply())).toEqual(expected)));
}

it('R-185, R-038, R-057 what can be written comes back as it was written, in POST, GET and PUT', async () => {
  for (const type of types) {
    const body = await full(type);
    const created = await create(type, body);
    const again = await tenant.scim<Found>('PUT', `${type.endpoint}/${created.id}`, body);
    for (const place of type.places.filter((each) => isTop(each) && isWritable(each) && !isMembers(each, type))) {
      const sent = place.attribute.returned === 'never' ? [] : valuesAt(body, place);
      for (const resource of [created, await read(type, created.id), again.json])
        expect([place.path, valuesAt(resource, place)]).toEqual([place.path, sent]);
    }
    expect(created['schemas']).toEqual(type.urns);
  }
});

it('R-035, R-114 "returned" holds for every answer', async () => {
  for (const type of types) {
    const resource = await complete(type);
    const answers = async (query: string) => [
      (await tenant.scim('GET', `${type.endpoint}/${resource.id}${query}`)).json,
      (await tenant.scim('PATCH', `${type.endpoint}/${resource.id}${query}`, { Operations: [] })).json,
      (
        await tenant.scim<{ Resources: JsonObject[] }>(
          'GET',
          `${type.endpoint}${query}${query ? '&' : '?'}filter=id%20eq%20"${resource.id}"`,
        )
      ).json.Resources[0]!,
    ];
    const all = await answers('');
    for (const place of type.places) {
      const { returned } = place.attribute;
      const isThere = (answer: JsonObject) => valuesAt(answer, place).length > 0;
      // The name of a manager would have to be looked up, and is not.
      const shown = returned !== 'never' && returned !== 'request' && !place.path.endsWith('manager.displayName');
      expect([place.path, ...all.map(isThere)]).toEqual([place.path, shown, shown, shown]);
      const asked = await answers(`?attributes=${encodeURIComponent(place.path)}`);
      const named = returned !== 'never' && !place.path.endsWith('manager.displayName');
      expect([place.path, ...asked.map(isThere)]).toEqual([place.path, named, named, named]);
      const without = await answers(`?excludedAttributes=${encodeURIComponent(place.path)}`);
      expect([place.path, ...without.map(isThere)]).toEqual([
        place.path,
        ...Array<boolean>(3).fill(returned === 'always'),
      ]);
    }
  }
});

it('R-036 readOnly is ignored in POST and PUT, and refused as the path of a PATCH', async () => {
  await forEach(
    (place) => !isWritable(place),
    async (place, type) => {
      const body = await full(type);
      const said = await proper(type);
      if (isMembers(place, type)) {
        said['members'] = (said['members'] as JsonObject[]).map((one) => ({
          ...one,
          [place.attribute.name]: 'made up',
        }));
      } else {
        const value = isTop(place) ? valueFor(place.attribute) : { [place.attribute.name]: 'made up' };
        const top = { ...place, attribute: place.parent ?? place.attribute };
        put(body, top, place.parent?.multiValued ? [value] : value);
      }
      const created = await create(type, { ...body, ...said });
      expect(JSON.stringify(created)).not.toContain('made up');
      if (place.parent?.mutability === 'readOnly' || isTop(place)) expect(valuesAt(created, place)).toEqual([]);
      const put2 = await tenant.scim<Found>('PUT', `${type.endpoint}/${created.id}`, {
        ...created,
        ...body,
        ...said,
      });
      expect([put2.status, put2.body.includes('made up')]).toEqual([200, false]);
      if (isMembers(place, type)) return;
      for (const op of ['add', 'replace'])
        await refused(() => patch(type, created.id, { op, path: place.path, value: 'made up' }), [400, 'mutability']);
      await refused(() => patch(type, created.id, { op: 'remove', path: place.path }), [400, 'mutability']);
    },
  );
});

it('R-139 immutable can be set to what it is, and not to something else', async () => {
  await forEach(
    ({ attribute }) => attribute.mutability === 'immutable' && attribute.name === 'value',
    async (place, type) => {
      const { id } = await createFull(type);
      const [value] = valuesAt(await read(type, id), place) as string[];
      const path = `${place.parent!.name}[value eq "${value}"].value`;
      const other = (await create(types[0]!, await proper(types[0]!))).id;
      await refused(() => patch(type, id, { op: 'replace', path, value: other }), [400, 'mutability']);
      const effects = await sideEffects(server, async () => {
        expect((await patch(type, id, { op: 'replace', path, value })).status).toBe(200);
      });
      expectNoEffects(effects);
    },
  );
});

it('R-025, R-133 a value of another type is refused, in POST, PUT and PATCH', async () => {
  await forEach(
    (place, type) => isWritable(place) && !isMembers(place, type) && place.attribute.returned !== 'never',
    async (place, type) => {
      const valid = await proper(type);
      const { id } = await create(type, valid);
      const effects = await sideEffects(server, async () => {
        for (const wrong of wrongFor(place.attribute)) {
          const inside = place.parent ? { [place.attribute.name]: wrong } : wrong;
          const body = { ...valid };
          const top = { ...place, attribute: place.parent ?? place.attribute };
          put(body, top, place.parent?.multiValued ? [inside] : inside);
          const replies = [
            await tenant.scim('POST', type.endpoint, body),
            await tenant.scim('PUT', `${type.endpoint}/${id}`, body),
            await patch(type, id, { op: 'replace', path: place.path, value: wrong }),
          ];
          expect(replies.map(refusal)).toEqual(Array(3).fill([400, 'invalidValue']));
        }
      });
      expectNoEffects(effects);
    },
  );
}, 180_000);

it('R-028, R-031, R-143 what is required cannot be missing, empty or removed', async () => {
  await forEach(
    ({ attribute }) => attribute.required,
    async ({ attribute, path }, type) => {
      const valid = await proper(type);
      const { id } = await create(type, valid);
      const { [attribute.name]: _gone, ...rest } = valid;
      for (const body of [rest, ...[null, '', '  ', []].map((value) => ({ ...valid, [attribute.name]: value }))]) {
        await refused(() => tenant.scim('POST', type.endpoint, body), [400, 'invalidValue']);
        await refused(() => tenant.scim('PUT', `${type.endpoint}/${id}`, body), [400, 'invalidValue']);
      }
      for (const value of [null, '', '  '])
        await refused(() => patch(type, id, { op: 'replace', path, value }), [400, 'invalidValue']);
      await refused(() => patch(type, id, { op: 'remove', path }), [400, 'mutability']);
    },
  );
});

it('R-037 what is unique is 409 when it is there, in POST, PUT and PATCH, in any case unless caseExact', async () => {
  await forEach(
    ({ attribute }) => attribute.uniqueness !== 'none' && attribute.mutability !== 'readOnly',
    async ({ attribute, path }, type) => {
      const first = await create(type, await proper(type));
      const second = await create(type, await proper(type));
      const taken = String(first[attribute.name]).toUpperCase();
      const body = { ...(await proper(type)), [attribute.name]: taken };
      await refused(() => tenant.scim('POST', type.endpoint, body), [409, 'uniqueness']);
      await refused(() => tenant.scim('PUT', `${type.endpoint}/${second.id}`, body), [409, 'uniqueness']);
      await refused(() => patch(type, second.id, { op: 'replace', path, value: taken }), [409, 'uniqueness']);
    },
  );
});

it('R-073, R-074, R-038 every operator works as type and caseExact say, or is invalidFilter', async () => {
  const complete_ = new Map<Type, Found>();
  for (const type of types) complete_.set(type, await complete(type));
  await forEach(
    (place) =>
      place.attribute.type !== 'complex' &&
      place.attribute.returned !== 'never' &&
      !place.path.endsWith('manager.displayName'),
    async (place, type) => {
      const resource = complete_.get(type)!;
      const { path, attribute } = place;
      const [value] = valuesAt(resource, place);
      const literal = JSON.stringify(value);
      expect([path, await finds(type, `${path} pr`, resource.id)]).toEqual([path, true]);
      for (const op of ['co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'eq', 'ne', 'EQ'])
        expect([path, op, await answerOf(type, `${path} ${op} ${literal}`, resource.id)]).toEqual([
          path,
          op,
          expectedOf(attribute, op.toLowerCase(), valuesAt(resource, place)),
        ]);
      const other = typeof value === 'string' ? swapCase(value) : value;
      if (attribute.type === 'string' || attribute.type === 'reference')
        expect([path, await finds(type, `${path} eq ${JSON.stringify(other)}`, resource.id)]).toEqual([
          path,
          other === value || !attribute.caseExact,
        ]);
    },
  );
});

const answerOf = async (type: Type, filter: string, id: string) => {
  const reply = await find(type, filter);
  return reply.status === 200 ? reply.json.Resources.some((one) => one.id === id) : refusal(reply).join(' ');
};
const swapCase = (text: string) =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));

/** Of the first of the values itself: whether the resource is found. */
function expectedOf({ type }: Described, op: string, values: readonly unknown[]): boolean | string {
  const isText = type === 'string' || type === 'reference';
  const isOrdered = type !== 'boolean' && type !== 'binary';
  if (['co', 'sw', 'ew'].includes(op)) return isText || '400 invalidFilter';
  if (op === 'eq') return true;
  if (op === 'ne') return false;
  if (!isOrdered) return '400 invalidFilter';
  const [value] = values as string[];
  const order = (other: unknown) =>
    String(other).toLowerCase() < value!.toLowerCase()
      ? -1
      : String(other).toLowerCase() > value!.toLowerCase()
        ? 1
        : 0;
  const orders = values.map(order);
  if (op === 'ge' || op === 'le') return true;
  return orders.some((each) => (op === 'gt' ? each > 0 : each < 0));
}

it('R-090, R-093 sortBy takes every attribute that has one value to compare', async () => {
  await forEach(
    () => true,
    async (place, type) => {
      const { path, attribute, parent } = place;
      const reply = await tenant.scim('GET', `${type.endpoint}?count=1&sortBy=${encodeURIComponent(path)}`);
      const hasValue = attribute.subAttributes?.some(({ name }) => name === 'value');
      const sortable = attribute.returned !== 'never' && (attribute.type !== 'complex' || (hasValue && !parent));
      expect([path, reply.status]).toEqual([path, sortable ? 200 : 400]);
      if (!sortable) expect(reply.json['scimType']).toBe('invalidValue');
    },
  );
});

it('R-136, R-135, R-134 every attribute can be added, replaced and removed by its path', async () => {
  await forEach(
    (place, type) =>
      isWritable(place) && !place.attribute.required && !isMembers(place, type) && place.attribute.returned !== 'never',
    async (place, type) => {
      const { id } = await createFull(type);
      const removed = await patch(type, id, { op: 'remove', path: place.path });
      // "active" is never without a value.
      expect([removed.status, valuesAt(removed.json, place)]).toEqual([200, place.path === 'active' ? [true] : []]);
      if (place.parent?.multiValued) return;
      for (const [op, n] of [
        ['add', 1],
        ['replace', 3],
      ] as const) {
        const value = valueFor(place.attribute, n);
        const changed = await patch(type, id, { op, path: place.path, value });
        expect([changed.status, valuesAt(changed.json, place)]).toEqual([200, Array.isArray(value) ? value : [value]]);
        expect(await finds(type, `${place.path} pr and id eq "${id}"`, id)).toBe(true);
      }
    },
  );
});
