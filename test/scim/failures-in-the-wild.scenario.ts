import { startTestServer, type TestServer } from '../support/app.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';

/**
 * What broke at other servers, each with the threads that tell of it. Numbers are those of our list of failures; what a thread asks
 * of a client or of documentation is tested by the nearest thing a server can do.
 */

const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const NOBODY = '0199a4ff-0000-7000-8000-000000000000';

let server: TestServer;
let t: Tenant;
let serial = 0;

beforeAll(async () => {
  server = await startTestServer();
  t = await createTenant(server);
});
afterAll(() => server.close());

const fresh = (): string => `user${serial++}@example.com`;
const ops = (...Operations: unknown[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
const post = (body: JsonObject) => t.scim<JsonObject>('POST', '/Users', body);
const get = (path: string) => t.scim<JsonObject>('GET', path);
const find = (filter: string, type = 'Users') => get(`/${type}?filter=${encodeURIComponent(filter)}`);
const total = async (filter: string, type = 'Users') => (await find(filter, type)).json['totalResults'];

async function user(body: JsonObject = {}): Promise<JsonObject & { id: string; userName: string }> {
  const reply = await post({ userName: fresh(), active: true, ...body });
  expect(reply.status).toBe(201);
  return reply.json as JsonObject & { id: string; userName: string };
}
async function group(body: JsonObject = {}): Promise<string> {
  const reply = await t.scim('POST', '/Groups', { displayName: `group ${serial++}`, ...body });
  expect(reply.status).toBe(201);
  return String(reply.json['id']);
}
const patch = (id: string, ...operations: unknown[]): Promise<Reply> =>
  t.scim('PATCH', `/Users/${id}`, ops(...operations));
const patchGroup = (id: string, ...operations: unknown[]): Promise<Reply> =>
  t.scim('PATCH', `/Groups/${id}`, ops(...operations));
const read = async (id: string) => (await get(`/Users/${id}`)).json;
const members = async (id: string) =>
  ((await get(`/Groups/${id}`)).json['members'] as JsonObject[]).map(({ value }) => value).sort();
const asMembers = (...ids: string[]) => ids.map((value) => ({ value }));

interface Failure {
  readonly n: string;
  readonly threads: readonly string[];
  readonly what: string;
  readonly run: () => Promise<void>;
}

const deactivates =
  (value: unknown, op = 'Replace') =>
  async () => {
    const { id } = await user();
    expect((await patch(id, { op, path: 'active', value })).json['active']).toBe(false);
  };
const removesOnlyListed = async () => {
  const [a, b] = [await user(), await user()];
  const id = await group({ members: asMembers(a.id, b.id) });
  expect((await patchGroup(id, { op: 'Remove', path: 'members', value: [{ $ref: null, value: a.id }] })).status).toBe(
    200,
  );
  expect(await members(id)).toEqual([b.id]);
};

const FAILURES: readonly Failure[] = [
  {
    n: '1',
    threads: ['AzureAD/SCIMReferenceCode#21'],
    what: 'active as text in a create',
    run: async () => expect(await user({ active: 'True' })).toMatchObject({ active: true }),
  },
  {
    n: '2',
    threads: ['scimmyjs/scimmy#86', 'thomaspoignant/scim-patch#872'],
    what: '"false" as text in a PATCH',
    run: deactivates('false'),
  },
  {
    n: '3',
    threads: ['rancher/rancher#52996', 'rancher/rancher#53980', 'Captain-P-Goldfish/scim-for-keycloak#119'],
    what: 'disabling with "False"',
    run: deactivates('False'),
  },
  { n: '4', threads: ['rancher/rancher#54025'], what: 'Add on active', run: deactivates(false, 'Add') },
  {
    n: '5',
    threads: ['rancher/rancher PR#55776', 'rancher/rancher#54869'],
    what: 'externalId added to a group, and asserted again',
    run: async () => {
      const id = await group();
      for (let round = 0; round < 2; round++)
        expect((await patchGroup(id, { op: 'Add', path: 'externalId', value: 'e' })).json['externalId']).toBe('e');
    },
  },
  {
    n: '6',
    threads: ['ssoready/ssoready#155'],
    what: 'active was never stored: leavers keep access',
    run: async () => {
      const { id } = await user();
      await patch(id, { op: 'replace', value: { active: false } });
      expect(await server.sql('SELECT active FROM users WHERE id = $1', [id])).toEqual([{ active: false }]);
    },
  },
  {
    n: '7',
    threads: ['Captain-P-Goldfish/SCIM-SDK#416', 'Captain-P-Goldfish/scim-for-keycloak#73'],
    what: 'a filtered sub-attribute that is not there yet',
    run: async () => {
      const { id } = await user();
      expect(
        (await patch(id, { op: 'Replace', path: 'emails[type eq "work"].value', value: 'n@x.yz' })).json['emails'],
      ).toEqual([{ type: 'work', value: 'n@x.yz' }]);
    },
  },
  {
    n: '8',
    threads: ['Captain-P-Goldfish/SCIM-SDK#680', 'simpleidserver/SimpleIdServer#808'],
    what: 'several operations of one filter made several addresses',
    run: async () => {
      const { id } = await user();
      const path = (sub: string) => `addresses[type eq "work"].${sub}`;
      const reply = await patch(
        id,
        { op: 'Add', path: path('country'), value: 'EE' },
        { op: 'Add', path: path('locality'), value: 'L' },
      );
      expect(reply.json['addresses']).toEqual([{ type: 'work', country: 'EE', locality: 'L' }]);
    },
  },
  {
    n: '9',
    threads: ['thomaspoignant/scim-patch#187'],
    what: 'an address added to an empty list',
    run: async () => {
      const { id } = await user();
      expect((await patch(id, { op: 'add', path: 'addresses[type eq "work"].country', value: 'FI' })).status).toBe(200);
    },
  },
  {
    n: '10',
    threads: ['better-auth/better-auth PR#10682'],
    what: 'one missing phone failed the whole PATCH',
    run: async () => {
      const { id } = await user();
      const reply = await patch(
        id,
        { op: 'replace', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
        { op: 'replace', path: 'title', value: 'T' },
      );
      expect(reply.json).toMatchObject({ title: 'T', phoneNumbers: [{ type: 'mobile', value: '1' }] });
    },
  },
  {
    n: '11',
    threads: [
      'sourcegraph PR#49119',
      'ssoready/ssoready PR#249',
      'wire-server PR#5419',
      'limosa-io/laravel-scim-server#34',
    ],
    what: "the validator's verbose PATCH",
    run: async () => {
      const { id } = await user();
      const types = ['work', 'home', 'other'];
      const reply = await patch(
        id,
        ...types.flatMap((type) => [
          { op: 'replace', path: `emails[type eq "${type}"].value`, value: `${type}@x.yz` },
          { op: 'replace', path: `emails[type eq "${type}"].primary`, value: type === 'work' },
          { op: 'replace', path: `addresses[type eq "${type}"].country`, value: 'Estonia' },
          { op: 'replace', path: `phoneNumbers[type eq "${type}"].value`, value: '5-5' },
        ]),
        { op: 'replace', path: 'roles[primary eq "True"].value', value: 'R' },
        { op: 'replace', path: `${ENT}:manager`, value: { value: 'random' } },
        { op: 'replace', value: { locale: 'MFGMUGTYPBKA', profileUrl: 'no url', timezone: 'x' } },
      );
      expect(reply.status).toBe(200);
      expect((reply.json['emails'] as JsonObject[]).filter(({ primary }) => primary)).toEqual([
        { type: 'work', value: 'work@x.yz', primary: true },
      ]);
    },
  },
  {
    n: '12',
    threads: [
      'Captain-P-Goldfish/SCIM-SDK#149',
      'Captain-P-Goldfish/SCIM-SDK#167',
      'simpleidserver/SimpleIdServer#164',
      'simpleidserver/SimpleIdServer#244',
      'apache/directory-scimple#436',
      'apache/directory-scimple#447',
      'thomaspoignant/scim-patch#959',
      'MicrosoftDocs/azure-docs#30826',
      'pond/scimitar#43',
      'segment-docs PR#6726',
      'kortix-ai/suna PR#7297',
      'goauthentik/authentik#23798',
    ],
    what: 'Remove members with a value emptied the group',
    run: removesOnlyListed,
  },
  {
    n: '13',
    threads: ['FusionAuth/fusionauth-issues#2834'],
    what: 'several removals shifted the indexes',
    run: async () => {
      const people = await Promise.all([user(), user(), user()]);
      const id = await group({ members: asMembers(...people.map((one) => one.id)) });
      await patchGroup(
        id,
        ...people.slice(0, 2).map((one) => ({ op: 'remove', path: `members[value eq "${one.id}"]` })),
      );
      expect(await members(id)).toEqual([people[2].id]);
    },
  },
  {
    n: '14',
    threads: ['Captain-P-Goldfish/SCIM-SDK#757'],
    what: 'replace by an empty list',
    run: async () => {
      const id = await group({ members: asMembers((await user()).id) });
      expect((await patchGroup(id, { op: 'replace', path: 'members', value: [] })).json['members']).toEqual([]);
    },
  },
  {
    n: '15',
    threads: ['Captain-P-Goldfish/scim-for-keycloak#144', 'rancher/rancher#54023'],
    what: 'replace on members',
    run: async () => {
      const [a, b] = [await user(), await user()];
      const id = await group({ members: asMembers(a.id) });
      await patchGroup(id, { op: 'replace', path: 'members', value: asMembers(b.id) });
      expect(await members(id)).toEqual([b.id]);
    },
  },
  {
    n: '16',
    threads: ['Captain-P-Goldfish/SCIM-SDK#419'],
    what: 'members without type',
    run: async () => {
      const a = await user();
      const id = await group();
      expect(
        (await patchGroup(id, { op: 'add', path: 'members', value: [{ value: a.id, display: 'x' }] })).status,
      ).toBe(200);
      expect((await get(`/Groups/${id}`)).json['members']).toMatchObject([{ value: a.id, type: 'User' }]);
    },
  },
  {
    n: '17',
    threads: [
      'simpleidserver/SimpleIdServer#247',
      'simpleidserver/SimpleIdServer#292',
      'simpleidserver/SimpleIdServer#697',
      'simpleidserver/SimpleIdServer#844',
    ],
    what: 'PUT of a group: members taken for immutable',
    run: async () => {
      const a = await user();
      const id = await group({ displayName: 'put group' });
      expect(
        (await t.scim('PUT', `/Groups/${id}`, { displayName: 'put group', members: asMembers(a.id) })).status,
      ).toBe(200);
      expect(await members(id)).toEqual([a.id]);
    },
  },
  {
    n: '18',
    threads: ['simpleidserver/SimpleIdServer#245', 'wso2/product-is#5333', 'AzureAD/SCIMReferenceCode#10'],
    what: 'adding a member again',
    run: async () => {
      const a = await user();
      const id = await group({ members: asMembers(a.id) });
      const before = (await get(`/Groups/${id}`)).json['meta'];
      expect((await patchGroup(id, { op: 'add', path: 'members', value: asMembers(a.id) })).status).toBe(200);
      expect((await get(`/Groups/${id}`)).json['meta']).toEqual(before);
      expect(await members(id)).toEqual([a.id]);
    },
  },
  {
    n: '19',
    threads: ['fleetdm/fleet#52600', 'pulumi/docs#13236', 'BerriAI/litellm PR#14581', 'wso2/product-is#21042'],
    what: 'one unknown member failed the whole push',
    run: async () => {
      const a = await user();
      const id = await group();
      expect(
        (await patchGroup(id, { op: 'add', path: 'members', value: asMembers(NOBODY, 'string id 1', a.id) })).status,
      ).toBe(200);
      expect(await members(id)).toEqual([a.id]);
    },
  },
  {
    n: '20',
    threads: [
      'scimmyjs/scimmy#79',
      'FusionAuth/fusionauth-issues#2869',
      'fleetdm/fleet#50724',
      'wso2/product-is#28055',
    ],
    what: 'PATCHes of one group at the same time lost members',
    run: async () => {
      const people = await Promise.all(Array.from({ length: 10 }, () => user()));
      const id = await group();
      await Promise.all(people.map((one) => patchGroup(id, { op: 'add', path: 'members', value: asMembers(one.id) })));
      expect(await members(id)).toEqual(people.map((one) => one.id).sort());
      const others = await Promise.all(Array.from({ length: 10 }, () => user()));
      const replies = await Promise.all([
        ...people.map((one) => patchGroup(id, { op: 'remove', path: `members[value eq "${one.id}"]` })),
        ...others.map((one) => patchGroup(id, { op: 'add', path: 'members', value: asMembers(one.id) })),
      ]);
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
      expect(await members(id)).toEqual(others.map((one) => one.id).sort());
    },
  },
  {
    n: '21',
    threads: ['gravitational/teleport#67372', 'bitwarden/server#2919'],
    what: 'members stripped from POST and PUT',
    run: async () => {
      const a = await user();
      const b = await user();
      const displayName = `group ${serial++}`;
      const id = await group({ displayName, members: asMembers(a.id) });
      expect(await members(id)).toEqual([a.id]);
      await t.scim('PUT', `/Groups/${id}`, { displayName, members: asMembers(b.id) });
      expect(await members(id)).toEqual([b.id]);
    },
  },
  {
    n: '22',
    threads: ['OctopusDeploy#9841', 'goauthentik/authentik#25837', 'langwatch/tasks#617'],
    what: 'externalId not echoed, not found',
    run: async () => {
      const externalId = `Ext-${serial++}`;
      expect(await user({ externalId })).toMatchObject({ externalId });
      expect(await total(`externalId eq "${externalId}"`)).toBe(1);
      expect(await total(`externalId eq "${externalId.toLowerCase()}"`)).toBe(0);
    },
  },
  {
    n: '23',
    threads: ['langwatch/langwatch#7141'],
    what: 'a PATCH of externalId emptied the group',
    run: async () => {
      const a = await user();
      const id = await group({ members: asMembers(a.id) });
      await patchGroup(id, { op: 'replace', path: 'externalId', value: 'e' });
      expect(await members(id)).toEqual([a.id]);
    },
  },
  {
    n: '24',
    threads: ['open-webui#30074'],
    what: 'answered 200, but did nothing',
    run: async () => {
      const a = await user();
      const id = await group();
      const reply = await patchGroup(id, { op: 'add', path: 'members', value: asMembers(a.id) });
      expect(reply.json['members']).toMatchObject(asMembers(a.id));
      expect(await members(id)).toEqual([a.id]);
    },
  },
  {
    n: '25',
    threads: ['getsentry/self-hosted#2280', 'goauthentik/authentik#11249', 'getsentry/sentry PR#27971'],
    what: '405 on a PATCH of a group',
    run: async () =>
      expect(
        (await patchGroup(await group(), { op: 'replace', value: { displayName: `renamed ${serial++}` } })).status,
      ).toBe(200),
  },
  {
    n: '26',
    threads: ['goauthentik/authentik#24173'],
    what: 'a filtered removal was answered and ignored',
    run: async () => {
      const a = await user();
      const id = await group({ members: asMembers(a.id) });
      await patchGroup(id, { op: 'remove', path: `members[value eq "${a.id}"]` });
      expect(await members(id)).toEqual([]);
    },
  },
  {
    n: '27',
    threads: [
      'MicrosoftDocs/azure-docs#116775',
      'MicrosoftDocs/azure-docs#12728',
      'better-auth/better-auth PR#6365',
      'medplum PR#4143',
    ],
    what: 'application/scim+json was not parsed',
    run: async () => {
      const reply = await t.scim(
        'POST',
        '/Users',
        { userName: fresh() },
        { 'content-type': 'application/scim+json; charset=utf-8' },
      );
      expect(reply.status).toBe(201);
    },
  },
  {
    n: '28',
    threads: ['pond/scimitar#142'],
    what: 'application/json was refused',
    run: async () =>
      expect(
        (await t.scim('POST', '/Users', { userName: fresh() }, { 'content-type': 'application/json' })).status,
      ).toBe(201),
  },
  {
    n: '29',
    threads: ['FusionAuth/fusionauth-issues#1769'],
    what: 'the content type of answers',
    run: async () =>
      expect((await get('/Users?count=1')).headers.get('content-type')).toBe('application/scim+json; charset=utf-8'),
  },
  {
    n: '30',
    threads: [
      'better-auth/better-auth#11111',
      'better-auth/better-auth PR#11113',
      'lightdash#22402',
      'Budibase#17628',
      'kirodotdev/Kiro#10711',
      'FusionAuth/fusionauth-issues#3244',
      'itsaplan PR#250',
    ],
    what: 'hidden leftovers blocked creating again',
    run: async () => {
      const one = await user();
      await patch(one.id, { op: 'replace', path: 'active', value: false });
      expect(await total(`userName eq "${one.userName}"`)).toBe(1);
      await t.scim('DELETE', `/Users/${one.id}`);
      expect((await post({ userName: one.userName })).status).toBe(201);
    },
  },
  {
    n: '31',
    threads: ['FusionAuth/fusionauth-issues#3311'],
    what: 'reactivation together with other changes',
    run: async () => {
      const one = await user({ active: false });
      expect(
        (
          await patch(
            one.id,
            { op: 'Replace', path: 'title', value: 'T' },
            { op: 'Replace', path: 'active', value: 'True' },
          )
        ).json,
      ).toMatchObject({ active: true, title: 'T' });
    },
  },
  {
    n: '32',
    threads: [
      'zulip/zulip#21758',
      'open-webui#18039',
      'langfuse PR#13528',
      'ory/polis PR#4067',
      'scim2-parse-filter#115',
    ],
    what: 'two users of one userName in two cases',
    run: async () => {
      const one = await user();
      expect((await post({ userName: one.userName.toUpperCase() })).status).toBe(409);
      expect((await find(`userName eq "${one.userName.toUpperCase()}"`)).json).toMatchObject({
        Resources: [{ userName: one.userName }],
      });
      const two = await user({ emails: [{ type: 'work', value: `Mixed.${one.userName}` }] });
      for (const path of ['emails', 'emails.value', 'emails[type eq "work"].value']) {
        expect((await find(`${path} eq "MIXED.${one.userName.toUpperCase()}"`)).json).toMatchObject({
          totalResults: 1,
          Resources: [{ id: two.id, emails: [{ value: `Mixed.${one.userName}` }] }],
        });
      }
    },
  },
  {
    n: '33',
    threads: ['Infisical PR#5947'],
    what: 'userName replaced by the e-mail',
    run: async () =>
      expect(await user({ userName: 'plain-name', emails: [{ value: 'other@x.yz', primary: true }] })).toMatchObject({
        userName: 'plain-name',
      }),
  },
  {
    n: '34',
    threads: ['Captain-P-Goldfish/SCIM-SDK#541', 'Captain-P-Goldfish/SCIM-SDK#686'],
    what: 'a manager as text',
    run: async () => {
      const { id } = await user();
      expect((await patch(id, { op: 'Add', path: `${ENT}:manager`, value: '271' })).json[ENT]).toMatchObject({
        manager: { value: '271' },
      });
    },
  },
  {
    n: '35',
    threads: [
      'Captain-P-Goldfish/scim-for-keycloak#26',
      'Captain-P-Goldfish/SCIM-SDK#193',
      'Captain-P-Goldfish/SCIM-SDK PR#294',
      'elimity-com/scim#204',
      'SAP/scimono#44',
    ],
    what: 'dotted and URN keys without a path',
    run: async () => {
      const { id } = await user();
      const reply = await patch(id, { op: 'replace', value: { 'name.givenName': 'G', [`${ENT}:department`]: 'D' } });
      expect(reply.json).toMatchObject({ name: { givenName: 'G' }, [ENT]: { department: 'D' } });
    },
  },
  {
    n: '36',
    threads: [
      'apache/directory-scimple#704',
      'apache/directory-scimple#695',
      'wso2/product-is#6015',
      'wso2/product-is#11678',
    ],
    what: 'the extension URN split at "2.0"',
    run: async () => {
      const { id } = await user();
      expect((await patch(id, { op: 'replace', path: `${ENT}:manager.value`, value: 'm' })).json[ENT]).toMatchObject({
        manager: { value: 'm' },
      });
      expect(await total(`${ENT}:manager.value eq "m"`)).toBe(1);
    },
  },
  {
    n: '37',
    threads: ['FusionAuth/fusionauth-issues#2667', 'scimmyjs/scimmy#77'],
    what: 'department on a user without extension gave 500',
    run: async () => {
      const { id } = await user();
      expect((await patch(id, { op: 'replace', path: `${ENT}:department`, value: 'D' })).json).toMatchObject({
        schemas: [CORE, ENT],
        [ENT]: { department: 'D' },
      });
    },
  },
  {
    n: '38',
    threads: [
      'ory/polis PR#4054',
      'better-auth/better-auth#10398',
      'PostHog PR#51441',
      'rstudio-pro#6608',
      'wso2/product-is#9957',
      'wso2/product-is#13752',
      'wso2/product-is#4944',
      'wso2/product-is#27973',
    ],
    what: 'wrong totals and itemsPerPage',
    run: async () => {
      await Promise.all([user(), user(), user()]);
      const all = (await get('/Users')).json;
      expect((await get('/Users?count=2')).json).toMatchObject({
        totalResults: all['totalResults'],
        itemsPerPage: 2,
        startIndex: 1,
      });
      const seen = new Set<unknown>();
      const size = Math.ceil(Number(all['totalResults']) / 4);
      for (let startIndex = 1; startIndex <= Number(all['totalResults']); startIndex += size) {
        const page = (await get(`/Users?startIndex=${startIndex}&count=${size}`)).json['Resources'] as JsonObject[];
        for (const { id } of page) seen.add(id);
      }
      expect(seen.size).toBe(all['totalResults']);
    },
  },
  {
    n: '39',
    threads: ['bitwarden/server#4034'],
    what: 'a list without parameters was empty',
    run: async () => expect(((await get('/Users')).json['Resources'] as unknown[]).length).toBeGreaterThan(0),
  },
  {
    n: '40',
    threads: [
      'audriga#1',
      'Captain-P-Goldfish/SCIM-SDK#913',
      'apache/directory-scimple#981',
      'postman-app-support#12551',
    ],
    what: 'spaces, quotes, backslashes and other letters in filters',
    run: async () => {
      for (const displayName of [
        'EDU All personal',
        'a "quoted" one',
        'back\\slash',
        'Ünïcode ☃',
        'and or not ( ) [ ]',
        'a and b eq "c"',
      ]) {
        await t.scim('POST', '/Groups', { displayName });
        expect(await total(`displayName eq ${JSON.stringify(displayName)}`, 'Groups')).toBe(1);
      }
    },
  },
  {
    n: '41',
    threads: ['lightdash#25676', 'buildbuddy PR#10578', 'entra-docs#215', 'Captain-P-Goldfish/SCIM-SDK#516'],
    what: 'roles[primary eq "True"] and roles as JSON in a text',
    run: async () => {
      const { id } = await user();
      expect(
        (await patch(id, { op: 'Add', path: 'roles[primary eq "True"].value', value: 'R' })).json['roles'],
      ).toEqual([{ primary: true, value: 'R' }]);
      expect(
        (await patch(id, { op: 'Add', path: 'roles', value: [{ value: '{"id":"1","value":"A","displayName":"A"}' }] }))
          .status,
      ).toBe(200);
    },
  },
  {
    n: '42',
    threads: ['limosa-io/laravel-scim-server#40', 'goauthentik/authentik#15533'],
    what: 'numeric ids',
    run: async () => expect(typeof (await user()).id).toBe('string'),
  },
  {
    n: '43',
    threads: ['limosa-io/laravel-scim-server#42'],
    what: 'JumpCloud removes a member',
    run: removesOnlyListed,
  },
  {
    n: '44',
    threads: ['grokability/snipe-it#11913', 'grokability/snipe-it#14708'],
    what: '404 for nothing found',
    run: async () =>
      expect((await find('displayName eq "no such group"', 'Groups')).json).toMatchObject({
        totalResults: 0,
        Resources: [],
      }),
  },
  {
    n: '45',
    threads: ['lightdash#15753'],
    what: 'a GET on the root failed the connection check',
    run: async () => {
      const reply = await t.scim('GET', '');
      expect(reply.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(reply.json).toMatchObject({ schemas: [expect.stringContaining('Error') as unknown] });
    },
  },
  {
    n: '46',
    threads: ['Infisical#6552'],
    what: 'members needed a display name',
    run: async () => {
      const a = await user();
      const reply = await t.scim('POST', '/Groups', { displayName: `group ${serial++}`, members: asMembers(a.id) });
      expect(reply.status).toBe(201);
      expect((await get('/ServiceProviderConfig')).status).toBe(200);
    },
  },
  {
    n: '47',
    threads: ['goauthentik/authentik#25056'],
    what: 'an incomplete service provider configuration',
    run: async () => {
      const { json } = await get('/ServiceProviderConfig');
      for (const name of ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag'])
        expect(json[name]).toMatchObject({ supported: expect.any(Boolean) as unknown });
      expect(json['bulk']).toMatchObject({
        maxOperations: expect.any(Number) as unknown,
        maxPayloadSize: expect.any(Number) as unknown,
      });
      expect(JSON.stringify(json)).not.toContain('null');
    },
  },
  {
    n: '48',
    threads: ['zitadel/zitadel#10009'],
    what: "Okta's placeholder password was refused",
    run: async () => expect(await user({ password: '1' })).not.toHaveProperty('password'),
  },
  {
    n: '49',
    threads: ['kortix-ai/suna PR#4244', 'kortix-ai/suna PR#7298'],
    what: 'active:false for a new user; PUT without active',
    run: async () => {
      const one = await user();
      expect(one['active']).toBe(true);
      expect((await t.scim('PUT', `/Users/${one.id}`, { userName: one.userName })).json['active']).toBe(true);
      await patch(one.id, { op: 'replace', path: 'active', value: false });
      expect((await t.scim('PUT', `/Users/${one.id}`, { userName: one.userName })).json['active']).toBe(false);
    },
  },
  {
    n: '50',
    threads: ['simpleidserver/SimpleIdServer#377'],
    what: 'externalId and displayName replaced without a path',
    run: async () => {
      const { id } = await user();
      expect((await patch(id, { op: 'replace', value: { externalId: 'x', displayName: 'y' } })).json).toMatchObject({
        externalId: 'x',
        displayName: 'y',
      });
    },
  },
  {
    n: '51',
    threads: ['jelhub/scimgateway#44', 'simpleidserver/SimpleIdServer#331'],
    what: 'list items without schemas and resourceType',
    run: async () => {
      const [first] = (await get('/Users?count=1')).json['Resources'] as JsonObject[];
      expect(first).toMatchObject({
        schemas: expect.arrayContaining([CORE]) as unknown,
        meta: { resourceType: 'User' },
      });
    },
  },
  {
    n: '52',
    threads: ['Unleash PR#9336', 'cloudflare-docs#29656', 'cloudflare-docs#30543'],
    what: 'the compliance flag in the URL',
    run: async () => expect((await get('/Users?aadOptscim062020&count=1')).status).toBe(200),
  },
  {
    n: '53',
    threads: ['ssoready/ssoready#164'],
    what: 'a change of userName taken for another user',
    run: async () => {
      const one = await user();
      const userName = fresh();
      expect((await patch(one.id, { op: 'replace', path: 'userName', value: userName })).json).toMatchObject({
        id: one.id,
        userName,
      });
    },
  },
  {
    n: '54',
    threads: ['wso2/product-is#16097'],
    what: '500 for errors of the client',
    run: async () => {
      expect((await post({ userName: 7 })).status).toBe(400);
      expect((await post({})).json).toMatchObject({ status: '400', scimType: 'invalidValue' });
      expect((await find('userName eq')).json).toMatchObject({ status: '400', scimType: 'invalidFilter' });
    },
  },
  {
    n: '55',
    threads: ['MicrosoftDocs/azure-docs#54231'],
    what: '"invalid credentials" for any answer that is not SCIM',
    run: async () => {
      const reply = await request(server, 'GET', '/scim/v2/Users', { token: 'wrong' });
      expect(reply.status).toBe(401);
      expect(reply.json).toMatchObject({ status: '401', detail: expect.any(String) as unknown });
      expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
    },
  },
  {
    n: '56',
    threads: ['jelhub/scimgateway#17'],
    what: 'a garbage body',
    run: async () => {
      const reply = await t.scim('POST', '/Users', '{"userName": "x"');
      expect(reply.json).toMatchObject({ status: '400', scimType: 'invalidSyntax' });
    },
  },
  {
    n: '57',
    threads: ['wso2/charon#93', 'suvera utility#13'],
    what: 'details of the service provider configuration',
    run: async () =>
      expect((await get('/ServiceProviderConfig')).json).toMatchObject({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        authenticationSchemes: [{ type: 'oauthbearertoken' }, { type: 'oauth2' }],
      }),
  },
  {
    n: '58',
    threads: ['eneo PR#443', 'tale PR#2118'],
    what: "another tenant's account taken over by e-mail",
    run: async () => {
      const other = await createTenant(server);
      const one = await user();
      const reply = await other.scim('POST', '/Users', { userName: one.userName, emails: [{ value: one.userName }] });
      expect(reply.status).toBe(201);
      expect(reply.json['id']).not.toBe(one.id);
    },
  },
  {
    n: '59',
    threads: ['a bill-of-materials project PR#3540'],
    what: "a client's id overwrote another user",
    run: async () => {
      const one = await user();
      const two = await user({ id: one.id });
      expect(two.id).not.toBe(one.id);
      expect(await read(one.id)).toMatchObject({ userName: one.userName });
    },
  },
  {
    n: '60',
    threads: ['croffasia/itsaplan PR#250'],
    what: 'a repeated POST wiped fields, and the owner was deactivated',
    run: async () => {
      const one = await user({ title: 'T' });
      expect((await post({ userName: one.userName })).json).toMatchObject({ status: '409', scimType: 'uniqueness' });
      expect(await read(one.id)).toMatchObject({ title: 'T' });
      // The account that is kept for emergencies stays, whatever the client says.
      const owner = await user();
      await server.app
        .get(OperatorReconciler)
        .setUser(t.organization.id, owner.id, { breakGlass: true }, TEST_OPERATOR);
      const refused = await patch(owner.id, { op: 'replace', value: { active: false } });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect((await t.scim('DELETE', `/Users/${owner.id}`)).status).toBe(refused.status);
      expect(await read(owner.id)).toMatchObject({ active: true });
    },
  },
  {
    n: '61',
    threads: ['goauthentik/authentik#16678'],
    what: 'a page in HTML for a route that is not there',
    run: async () => {
      for (const [method, path, status] of [
        ['PUT', '/Users', 405],
        ['PATCH', '/ServiceProviderConfig', 405],
        ['GET', '/Nothing', 404],
      ] as const) {
        const reply = await t.scim(method, path, method === 'GET' ? undefined : {});
        expect({ path, status: reply.status, type: reply.headers.get('content-type') }).toEqual({
          path,
          status,
          type: 'application/scim+json; charset=utf-8',
        });
      }
    },
  },
  {
    n: '62',
    threads: ['zitadel/zitadel#9690'],
    what: 'e-mails answered without type',
    run: async () =>
      expect(await user({ emails: [{ type: 'work', value: 'a@b.cd', primary: true }] })).toMatchObject({
        emails: [{ type: 'work', primary: true }],
      }),
  },
  {
    n: '63',
    threads: ['litellm-docs PR#936'],
    what: 'externalId and active kept by PUT and PATCH, but not by POST',
    run: async () => {
      const one = await user({ externalId: 'kept', active: false });
      expect(await read(one.id)).toMatchObject({ externalId: 'kept', active: false });
    },
  },
  {
    n: '64',
    threads: ['Captain-P-Goldfish/scim-for-keycloak#134'],
    what: 'a whole membership in one PATCH was too slow',
    run: async () => {
      const people = await Promise.all(Array.from({ length: 40 }, () => user()));
      const id = await group();
      const value = [
        ...asMembers(...people.map((one) => one.id)),
        ...Array.from({ length: 10_000 }, () => ({ value: NOBODY, display: 'somebody of another directory' })),
      ];
      const started = performance.now();
      expect((await patchGroup(id, { op: 'replace', path: 'members', value })).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(5000);
      expect(await members(id)).toHaveLength(40);
    },
  },
  {
    n: '65',
    threads: ['kortix-ai/suna PR#7297'],
    what: 'a client without user agent was blocked',
    run: async () => expect((await t.scim('GET', '/Users?count=1', undefined, { 'user-agent': '' })).status).toBe(200),
  },
  {
    n: '66',
    threads: ['langfuse PR#8064'],
    what: 'the body of a POST arrived as text',
    run: async () => {
      expect((await t.scim('POST', '/Users', JSON.stringify(JSON.stringify({ userName: fresh() })))).status).toBe(400);
      expect((await t.scim('POST', '/Users', JSON.stringify({ userName: fresh() }))).status).toBe(201);
    },
  },
  {
    n: '67',
    threads: ['better-auth/better-auth PR#10620'],
    what: 'one-element lists, no operations, a manager as text, a foreign schema',
    run: async () => {
      const one = await user({ [ENT]: { manager: 'm' } });
      expect(one[ENT]).toMatchObject({ manager: { value: 'm' } });
      expect((await patch(one.id)).status).toBe(200);
      expect((await patch(one.id, { op: 'Replace', path: 'displayName', value: ['X'] })).json['displayName']).toBe('X');
      const schemas = ['http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'];
      expect((await t.scim('POST', '/Groups', { schemas, displayName: `group ${serial++}` })).status).toBe(201);
    },
  },
];

describe('failures in the wild', () => {
  const named = FAILURES.map(({ n, threads, what, run }) => ({ name: `#${n} ${threads.join(', ')}: ${what}`, run }));
  it.each(named)('$name', ({ run }) => run());

  it('has all 67', () => {
    expect(FAILURES.map(({ n }) => Number(n))).toEqual(Array.from({ length: 67 }, (_, index) => index + 1));
  });
});
