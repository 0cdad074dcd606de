import fc from 'fast-check';
import { checkFilter } from '../../../src/scim/protocol/filter/check-filter.js';
import { matchesFilter } from '../../../src/scim/protocol/filter/matches-filter.js';
import { parseFilter } from '../../../src/scim/protocol/filter/parse-filter.js';
import { extendedTypes } from '../../../src/scim/protocol/resource-types.js';
import type { JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import type { WrittenAttribute } from '../../../src/scim/protocol/schema/extension.js';
import { startTestServer, type TestServer } from '../../support/app.js';
import { combined, leaf } from '../../support/random-filters.js';
import { attributes, namesOf, valuesOf } from '../../support/random-schemas.js';
import { createTenant, type Reply, type Tenant } from '../../support/scenario.js';
import { sortedInMemory } from '../../support/sorted-in-memory.js';
import { declareSchema, toExtension } from '../../support/schemas.js';

const URN = 'urn:example:params:scim:random:1.0:User';
type User = JsonObject & { id: string };
interface List {
  Resources: User[];
  nextCursor?: string;
}

/** Random schemas with random values: nothing in the server knows an extension but by its data. */
describe.each(fc.sample(attributes, { numRuns: 4, seed: 20261126 }).map((schema, index) => [index, schema] as const))(
  'R-032, R-038: a random extension, number %i',
  (_index, schema: WrittenAttribute[]) => {
    let server: TestServer;
    let tenant: Tenant;
    const users: User[] = [];
    const documents = fc.sample(
      fc.oneof({ weight: 9, arbitrary: valuesOf(schema) }, { weight: 1, arbitrary: fc.constant({}) }),
      {
        numRuns: 20,
        seed: 7,
      },
    );

    beforeAll(async () => {
      server = await startTestServer();
      tenant = await createTenant(server);
      await declareSchema(server, tenant, URN, { attributes: schema });
      for (const [index, values] of documents.entries()) {
        const reply = await tenant.scim<User>('POST', '/Users', { userName: `u${index}`, [URN]: values });
        expect([reply.status, reply.json['detail']]).toEqual([201, undefined]);
        users.push(reply.json);
      }
    });
    afterAll(() => server.close());

    const extensionOf = (user: JsonObject) => user[URN] ?? {};
    const patch = async (id: string, Operations: unknown[]) => {
      const reply = await tenant.scim<User>('PATCH', `/Users/${id}`, { Operations });
      expect([reply.status, reply.json['detail']]).toEqual([200, undefined]);
      return reply.json;
    };

    it('R-057: comes back equal from POST and GET', async () => {
      for (const [index, values] of documents.entries()) {
        expect(extensionOf(users[index]!)).toEqual(values);
        expect((await tenant.scim<User>('GET', `/Users/${users[index]!.id}`)).json).toEqual(users[index]);
      }
    });

    it('R-134, R-135, R-136 is PATCHed to other values and back to equal, attribute by attribute and as a whole', async () => {
      const [first] = users;
      const whole = (values: JsonObject) => [
        { op: 'remove', path: URN },
        { op: 'add', value: { [URN]: values } },
      ];
      const single = (values: JsonObject) =>
        schema
          .filter(({ required }) => !required)
          .flatMap(({ name }) => {
            const path = `${URN}:${name}`;
            return [{ op: 'remove', path }, ...(name in values ? [{ op: 'add', path, value: values[name] }] : [])];
          });
      for (const values of documents.slice(1)) {
        expect(extensionOf(await patch(first!.id, whole(values)))).toEqual(values);
        const wanted = Object.keys(values).length === 0 ? {} : values;
        if (Object.keys(wanted).length > 0) expect(extensionOf(await patch(first!.id, single(wanted)))).toEqual(values);
      }
      expect(extensionOf(await patch(first!.id, whole(documents[0]!)))).toEqual(documents[0]);
    });

    it('R-071, R-073, R-074, R-076, R-077 filters choose on the database what they choose in memory', async () => {
      const type = extendedTypes([toExtension(URN, { attributes: schema })]).User;
      const texts = documents.flatMap((values) => JSON.stringify(values).match(/"(?:[^"\\]|\\.)*"/g) ?? []);
      const values = fc.constantFrom('%', '_', 'a', 'A', ...texts.map((text) => JSON.parse(text) as string));
      const names = fc.constantFrom(...namesOf(URN, schema));
      const filters = combined(
        names.chain((named) => leaf(named, values)),
        2,
      );
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          const reply = await tenant.scim<{ Resources: User[] }>(
            'GET',
            `/Users?count=100&filter=${encodeURIComponent(filter)}`,
          );
          expect([filter, reply.status]).toEqual([filter, 200]);
          const checked = checkFilter(type, parseFilter(filter));
          const expected = users.filter((user) => matchesFilter(user, checked)).map(({ id }) => id);
          expect(reply.json.Resources.map(({ id }) => id)).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    });

    it('R-090, R-093, C-07: lists are sorted on the database as in memory, page by page', async () => {
      const type = extendedTypes([toExtension(URN, { attributes: schema })]).User;
      const listed = users.map((resource) => ({ type, resource }));
      const names = namesOf(URN, schema).filter(({ kind }) => kind !== 'complex');
      for (const [index, { path }] of names.entries()) {
        const order = index % 2 === 0 ? 'ascending' : 'descending';
        const seen: string[] = [];
        for (let cursor: string | undefined = ''; cursor !== undefined;) {
          const query: string = `sortBy=${encodeURIComponent(path)}&sortOrder=${order}&count=7&cursor=${cursor}`;
          const { status, json }: Reply<List> = await tenant.scim<List>('GET', `/Users?${query}`);
          expect([path, status]).toEqual([path, 200]);
          seen.push(...json.Resources.map(({ id }) => id));
          cursor = json.nextCursor;
        }
        const expected = sortedInMemory(listed, path, order === 'descending').map(({ id }) => id);
        expect([path, order, seen]).toEqual([path, order, expected]);
      }
    });
  },
);
