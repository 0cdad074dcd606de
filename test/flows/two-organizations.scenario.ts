import { startTestServer, type TestServer } from '../support/app.js';
import { routesOf, type Route } from '../support/routes.js';
import { createOrganization, createTenant, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';
import { makeTwin } from '../support/twin.js';

/**
 * Two organizations side by side that share everything a client can name: every SCIM route is asked with ids that only the other has,
 * and with ids that both have. Routes come from the router: a new one without a line here fails.
 */

interface Ids {
  readonly user: string;
  readonly group: string;
}
interface Ask {
  /** Instead of the route's own; `:id` filled in. */
  readonly path?: string;
  readonly body?: JsonObject;
  /** What a stranger to the ids gets: nothing is there, nothing is found, or it is not about ids. */
  readonly stranger: 'missing' | 'each missing' | 'nothing found' | 'not concerned';
}

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
const VALUE = { op: 'replace', path: 'displayName', value: 'Changed' };
const mentions = ({ user, group }: Ids) =>
  `id eq "${user}" or id eq "${group}" or externalId eq "external" or meta.location ew "${user}"`;
const ofUsers = (ids: Ids) => `${mentions(ids)} or userName eq "twin" or groups.value eq "${ids.group}"`;
const ofGroups = (ids: Ids) => `${mentions(ids)} or displayName eq "Twins" or members[value eq "${ids.user}"]`;
const search = (filter: string): Ask => ({ body: { schemas: SEARCH, filter, count: 1000 }, stranger: 'nothing found' });
const list = (path: string, filter: string): Ask => ({
  path: `${path}?count=1000&filter=${encodeURIComponent(filter)}`,
  stranger: 'nothing found',
});
const one = (type: string, id: string, body?: JsonObject): Ask => ({
  path: `/${type}/${id}`,
  ...(body && { body }),
  stranger: 'missing',
});
const other: Ask = { stranger: 'not concerned' };

const LINES: Readonly<Record<string, (ids: Ids) => Ask>> = {
  'GET /scim/v2/Users': (ids) => list('/Users', ofUsers(ids)),
  'POST /scim/v2/Users/.search': (ids) => search(ofUsers(ids)),
  'GET /scim/v2/Users/:id': ({ user }) => one('Users', user),
  'PATCH /scim/v2/Users/:id': ({ user }) => one('Users', user, { Operations: [VALUE] }),
  'PUT /scim/v2/Users/:id': ({ user }) => one('Users', user, { userName: 'twin', title: 'Changed' }),
  'GET /scim/v2/Groups': (ids) => list('/Groups', ofGroups(ids)),
  'POST /scim/v2/Groups/.search': (ids) => search(ofGroups(ids)),
  'GET /scim/v2/Groups/:id': ({ group }) => one('Groups', group),
  'PATCH /scim/v2/Groups/:id': ({ group, user }) =>
    one('Groups', group, {
      Operations: [
        VALUE,
        { op: 'remove', path: `members[value eq "${user}"]` },
        { op: 'add', path: 'members', value: user },
      ],
    }),
  'PUT /scim/v2/Groups/:id': ({ group, user }) =>
    one('Groups', group, { displayName: 'Renamed', members: [{ value: user }] }),
  'POST /scim/v2/.search': (ids) => search(mentions(ids)),
  'POST /scim/v2/Bulk': ({ user, group }) => ({
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [`/Users/${user}`, `/Groups/${group}`].map((path) => ({
        method: 'PATCH',
        path,
        data: { Operations: [{ ...VALUE, value: 'Changed in bulk' }] },
      })),
    },
    stranger: 'each missing',
  }),
  'DELETE /scim/v2/Groups/:id': ({ group }) => one('Groups', group),
  'DELETE /scim/v2/Users/:id': ({ user }) => one('Users', user),
  'POST /scim/v2/Users': ({ user }) => ({
    body: { id: user, userName: 'twin-new', externalId: 'external', manager: { value: user } },
    stranger: 'not concerned',
  }),
  'POST /scim/v2/Groups': ({ user, group }) => ({
    body: { id: group, displayName: 'Twins-new', externalId: 'external', members: [{ value: user }] },
    stranger: 'not concerned',
  }),
  'GET /scim/v2/ServiceProviderConfig': () => other,
  'GET /scim/v2/ResourceTypes': () => other,
  'GET /scim/v2/ResourceTypes/:id': ({ user }) => one('ResourceTypes', user),
  'GET /scim/v2/Schemas': () => other,
  'GET /scim/v2/Schemas/:id': ({ group }) => one('Schemas', group),
};

let server: TestServer;
let mine: Tenant;
let theirs: Tenant;
let onlyTheirs: Ids;
let shared: Ids;

beforeAll(async () => {
  server = await startTestServer();
  mine = await createTenant(server, { name: 'Okta' }, { name: 'Acme' });
  shared = await populate(mine, 'twin', 'Twins');
  const organization = await createOrganization(server, { name: 'Acme' });
  await makeTwin(server, mine.organization.id, organization.id);
  theirs = await createTenant(server, { name: 'Okta, again' }, { name: 'Acme' });
  onlyTheirs = await populate(theirs, 'theirs', 'Theirs');
  // The twins live in an organization of their own; what is theirs is marked.
  await server.sql(`UPDATE users SET attributes = attributes || '{"title": "THEIRS"}' WHERE organization_id = $1`, [
    organization.id,
  ]);
  theirs = { ...theirs, organization };
});
afterAll(() => server.close());

async function populate(tenant: Tenant, userName: string, displayName: string): Promise<Ids> {
  const user = (await tenant.scim<{ id: string }>('POST', '/Users', { userName, externalId: 'external' })).json.id;
  const body = { displayName, externalId: 'external', members: [{ value: user }] };
  return { user, group: (await tenant.scim<{ id: string }>('POST', '/Groups', body)).json.id };
}

/** The methods that a catch-all refuses are not routes of their own. */
const routes = (): Route[] =>
  routesOf(server, '/scim/').filter(
    ({ method, path }) => !path.endsWith('*') && (method === 'POST' || !path.endsWith('.search')),
  );
const ask = ({ method, path }: Route, { path: instead, body }: Ask): Promise<Reply> =>
  mine.scim(method, instead ?? path.replace('/scim/v2', ''), body);

it('every SCIM route has a line', () => {
  expect(
    routes()
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toEqual(Object.keys(LINES).sort());
});

it.each(Object.entries(LINES))(
  "R-200, R-039 %s with another organization's ids: 404 or nothing, no side effects",
  async (name, line) => {
    const [method, path] = name.split(' ') as [string, string];
    const wanted = line(onlyTheirs);
    if (wanted.stranger === 'not concerned') return;
    const effects = await sideEffects(server, async () => {
      const reply = await ask({ method, path }, wanted);
      expect(reply.body).not.toContain('THEIRS');
      if (wanted.stranger === 'missing') return expect(reply.status).toBe(404);
      expect(reply.status).toBe(200);
      if (wanted.stranger === 'each missing') {
        const statuses = (reply.json['Operations'] as JsonObject[]).map(({ status }) => status);
        return expect(statuses).toEqual(['404', '404']);
      }
      // Mine has the externalId as well.
      const found = (reply.json['Resources'] as JsonObject[]).map(({ id }) => id);
      expect(found.filter((id) => id !== shared.user && id !== shared.group)).toEqual([]);
    });
    expectNoEffects(effects);
  },
);

it.each(Object.entries(LINES))('R-200, R-201 %s with ids that both have touches mine alone', async (name, line) => {
  const [method, path] = name.split(' ') as [string, string];
  const effects = await sideEffects(
    server,
    async () => {
      const wanted = line(shared);
      const reply = await ask({ method, path }, wanted);
      if (!/ResourceTypes|Schemas/.test(path)) expect([name, reply.status < 300]).toEqual([name, true]);
      expect(reply.body).not.toContain('THEIRS');
    },
    theirs.organization.id,
  );
  expectNoEffects(effects);
});
