import fc from 'fast-check';
import type { PatchLiberty } from '../../../../src/scim/protocol/dialect.js';
import { QUIRKS, type QuirkName } from '../../../../src/scim/protocol/quirks/all-quirks.js';
import { observeRequest, type SentRequest } from '../../../../src/scim/protocol/quirks/observe-quirks.js';
import { STORED_QUIRKS } from '../../../../src/scim/protocol/quirks/stored-quirks.js';
import { GROUP, USER } from '../../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** The quirks of a request that has none but for what is given. */
function seen(request: Partial<SentRequest> & { method: string; url: string }): QuirkName[] {
  const parameters = new URLSearchParams(request.url.split('?')[1] ?? '');
  const full = {
    query: Object.fromEntries(parameters),
    headers: { contentType: request.body && 'application/scim+json; charset=utf-8', authorization: 'Bearer x' },
    body: undefined,
    ...request,
  };
  return [...observeRequest(full, [USER, GROUP]).keys()].sort();
}
const post = (body: JsonObject) => seen({ method: 'POST', url: '/Users', body: { schemas: [USER_SCHEMA], ...body } });
const postGroup = (body: JsonObject) =>
  seen({ method: 'POST', url: '/Groups', body: { schemas: [GROUP_SCHEMA], displayName: 'g', ...body } });
const patchAt = (url: string, Operations: Json[], more: JsonObject = {}) =>
  seen({ method: 'PATCH', url, body: { schemas: [PATCH_OP], Operations, ...more } });
const patch = (...operations: Json[]) => patchAt('/Users/1', operations);
const patchGroup = (...operations: Json[]) => patchAt('/Groups/1', operations);
const list = (filter: string) => seen({ method: 'GET', url: '/Users', query: { filter } });

/** Each quirk with the requests that have it, and it alone. */
const ROWS: Readonly<Record<Exclude<QuirkName, PatchLiberty>, readonly (() => QuirkName[])[]>> = {
  'plain-json': [
    () =>
      seen({
        method: 'POST',
        url: '/Users',
        headers: { contentType: 'Application/JSON; charset=utf-8' },
        body: { schemas: [USER_SCHEMA] },
      }),
  ],
  'other-accept': [
    () => seen({ method: 'GET', url: '/Users', headers: { accept: 'text/html' } }),
    () => seen({ method: 'GET', url: '/Users', headers: { accept: 'application/json;q=0' } }),
  ],
  'bare-token': [() => seen({ method: 'GET', url: '/Users', headers: { authorization: 'rc_scim_x' } })],
  'bare-entity-tag': [
    () => seen({ method: 'GET', url: '/Users/1', headers: { ifNoneMatch: '3' } }),
    () => seen({ method: 'DELETE', url: '/Users/1', headers: { ifMatch: 'W/3', ifNoneMatch: '*' } }),
  ],
  'brackets-in-attributes': [
    () => seen({ method: 'GET', url: '/Users', query: { Attributes: 'emails[type eq "work"]' } }),
    () => seen({ method: 'GET', url: '/Users/1', query: { excludedAttributes: ['id', 'emails[x'] } }),
    () => seen({ method: 'POST', url: '/.search', body: { attributes: ['id', 'emails[type eq "work"]'] } }),
  ],
  'filter-on-write': [() => seen({ method: 'DELETE', url: '/Users/1', query: { filter: 'userName pr' } })],
  'compliance-flag': [() => seen({ method: 'GET', url: '/Users?aadOptscim062020' })],
  'empty-parameter': [
    () => seen({ method: 'GET', url: '/Users?count=1&' }),
    () => seen({ method: 'GET', url: '/Users?' }),
  ],
  'surplus-slash': [
    () => seen({ method: 'GET', url: '//Users' }),
    () => seen({ method: 'GET', url: '/Users/?count=1' }),
  ],
  'put-user': [() => seen({ method: 'PUT', url: '/Users/1', body: { schemas: [USER_SCHEMA] } })],
  'put-group': [() => seen({ method: 'PUT', url: '/Groups/1', body: { schemas: [GROUP_SCHEMA] } })],

  'schemas-missing': [() => post({ schemas: null }), () => post({ schemas: [] })],
  'microsoft-schema': [
    () =>
      postGroup({
        schemas: [GROUP_SCHEMA, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      }),
  ],
  'scim-1-schema': [() => post({ schemas: [USER_SCHEMA, 'urn:scim:schemas:core:2.0'] })],
  'unknown-schema': [() => post({ schemas: [USER_SCHEMA, 'urn:example:x'] })],
  'core-schema-missing': [() => post({ schemas: [ENTERPRISE] })],
  'extension-not-announced': [() => post({ [ENTERPRISE]: { department: 'D' } })],
  'unknown-attribute': [
    () => post({ shoeSize: 42 }),
    () => post({ schemas: [USER_SCHEMA, ENTERPRISE], [ENTERPRISE]: { shoeSize: 42 } }),
    () => post({ name: { shoe: 'x' } }),
    () => post({ emails: [{ value: 'a', shoe: 'x' }] }),
    () => patch({ op: 'replace', path: 'shoeSize', value: 42 }),
    () => patch({ op: 'add', path: 'emails', value: [{ value: 'a', shoe: 'x' }] }),
  ],
  'dotted-key': [() => post({ 'name.givenName': 'x' })],
  'filter-in-key': [() => patch({ op: 'replace', value: { 'emails[type eq "work"].value': 'a@b' } })],
  'urn-key': [() => post({ [`${USER_SCHEMA}:title`]: 'x' })],
  'bare-extension-attribute': [
    () => post({ department: 'D' }),
    () => patch({ op: 'replace', path: 'manager', value: { value: '1' } }),
  ],
  'password-sent': [() => post({ password: 'x' }), () => patch({ op: 'replace', path: 'password', value: 'x' })],
  'attribute-in-other-case': [
    () => post({ NickName: 'x' }),
    () => post({ name: { GivenName: 'x' } }),
    () => patch({ op: 'replace', path: 'NAME.familyName', value: 'x' }),
  ],

  'boolean-as-text': [
    () => post({ active: 'true' }),
    () => post({ emails: [{ value: 'a', primary: 'True' }] }),
    () => patch({ op: 'replace', path: 'active', value: 'False' }),
    () => patch({ op: 'add', path: 'emails[type eq "work"].primary', value: 'TRUE' }),
  ],
  'list-for-single-value': [
    () => post({ title: ['T'] }),
    () => post({ schemas: [USER_SCHEMA, ENTERPRISE], [ENTERPRISE]: [{ department: 'D' }] }),
    () => patch({ op: 'replace', path: 'active', value: [true] }),
  ],
  'object-for-single-value': [() => patch({ op: 'replace', path: 'title', value: { value: 'T' } })],
  'manager-as-text': [
    () => patch({ op: 'add', path: `${ENTERPRISE}:manager`, value: '271' }),
    () => post({ schemas: [USER_SCHEMA, ENTERPRISE], [ENTERPRISE]: { manager: '271' } }),
  ],
  'text-for-element': [
    () => postGroup({ members: ['id'] }),
    () => patchGroup({ op: 'add', path: 'members', value: 'id' }),
  ],
  'element-without-list': [
    () => post({ emails: { value: 'a' } }),
    () => patch({ op: 'replace', path: 'emails', value: { value: 'a' } }),
  ],
  'null-element': [
    () => post({ emails: [null] }),
    () => patch({ op: 'add', path: 'roles', value: [null, { value: 'a' }] }),
  ],
  'null-reference': [() => patchGroup({ op: 'add', path: 'members', value: [{ $ref: null, value: 'a' }] })],
  'empty-text': [() => post({ name: { middleName: '' } })],
  'json-in-text': [() => patch({ op: 'add', path: 'roles', value: [{ value: '{"id":"1"}' }] })],

  'patch-schema-missing': [
    () => patchAt('/Users/1', [{ op: 'replace', path: 'title', value: 'T' }], { schemas: null }),
    () => patchAt('/Users/1', [{ op: 'replace', path: 'title', value: 'T' }], { schemas: [USER_SCHEMA] }),
  ],
  'no-operations': [() => patch()],
  'foreign-key-in-message': [
    () => patchAt('/Users/1', [{ op: 'replace', path: 'title', value: 'T' }], { id: '1' }),
    () => patch({ op: 'replace', path: 'title', value: 'T', name: 'x' }),
  ],
  'capitalised-op': [() => patch({ op: 'Replace', path: 'title', value: 'T' })],
  'op-in-capitals': [() => patch({ op: 'REPLACE', path: 'title', value: 'T' })],
  'value-without-path': [
    () => patch({ op: 'replace', value: { active: false } }),
    () => patch({ op: 'replace', path: ' ', value: { active: false } }),
  ],
  'added-without-path': [() => patch({ op: 'add', value: { active: false } })],
  'id-in-value': [() => patch({ op: 'replace', value: { id: '1' } })],
  'schemas-in-value': [() => patch({ op: 'replace', value: { schemas: [USER_SCHEMA] } })],
  'members-without-path': [() => patchGroup({ op: 'replace', value: { members: [] } })],
  'members-removed-by-value': [() => patchGroup({ op: 'remove', path: 'members', value: [{ value: 'a' }] })],
  'removed-by-value': [() => patch({ op: 'remove', path: 'emails', value: [{ value: 'a' }] })],
  'members-in-members': [() => patchGroup({ op: 'replace', path: 'members', value: { members: [] } })],
  'filter-without-sub-attribute': [
    () => patch({ op: 'replace', path: 'addresses[type eq "work"]', value: { country: 'SE' } }),
  ],

  'bulk-schema-missing': [() => seen({ method: 'POST', url: '/Bulk', body: { Operations: [] } })],
  'bulk-patch-as-list': [
    () =>
      seen({
        method: 'POST',
        url: '/Bulk',
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: [{ method: 'PATCH', path: '/Users/1', data: [] }],
        },
      }),
  ],

  'filter-after-brackets': [() => list('emails[type eq "work"].value eq "a@b"')],
  'unquoted-literal': [() => list('userType eq Employee'), () => list("userType eq 'Employee'")],
  'not-without-parentheses': [
    () => list('not title pr'),
    () => seen({ method: 'HEAD', url: '/Groups', query: { Filter: 'not displayName pr' } }),
    () => seen({ method: 'POST', url: '/.search', body: { FILTER: 'not members.value pr' } }),
  ],
  'filter-on-text-boolean': [
    () => list('active eq "True"'),
    () => list('emails[primary eq "true" and value pr]'),
    () => patch({ op: 'add', path: 'roles[primary eq "True"].value', value: 'a' }),
  ],
  'number-for-text': [() => list(`${ENTERPRISE}:employeeNumber eq 701984`)],
  'bare-extension-in-filter': [() => list('manager.value eq "1"')],
  'complex-in-filter': [() => list('emails eq "a@b"')],
};

/** Quirks that cannot be there without another. */
const ALSO: Partial<Readonly<Record<string, readonly QuirkName[]>>> = {
  'added-without-path': ['value-without-path'],
  'filter-in-key': ['value-without-path'],
  'id-in-value': ['value-without-path'],
  'schemas-in-value': ['value-without-path'],
  'members-without-path': ['value-without-path'],
  'members-in-members': ['element-without-list', 'unknown-attribute'],
};

describe('quirks of requests', () => {
  const rows = Object.entries(ROWS).flatMap(([name, requests]) =>
    requests.map((request, index) => [`${name} ${index + 1}`, name as QuirkName, request] as const),
  );

  it.each(rows)('%s', (_title, name, request) => {
    expect(request()).toEqual([name, ...(ALSO[name] ?? [])].sort());
  });

  it('has each name once and a sentence for it', () => {
    expect(new Set(QUIRKS.map(({ name }) => name)).size).toBe(QUIRKS.length);
    expect(QUIRKS.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(ROWS), ...STORED_QUIRKS.map(({ name }) => name)].sort(),
    );
    for (const { sentence, refusal } of QUIRKS) {
      expect(sentence).toMatch(/^[A-Z].{20,}\.$/);
      if (refusal) expect(refusal.demand).toMatch(/\((RFC|interoperability profile|IPSIE)[^)]+\)$/);
    }
  });

  it.each<[string, () => QuirkName[]]>([
    [
      'a whole user as the RFC has it',
      () =>
        post({
          schemas: [USER_SCHEMA, ENTERPRISE],
          externalId: 'e',
          userName: 'x',
          active: true,
          name: { givenName: 'x' },
          title: null,
          emails: [{ value: 'a', type: 'work', primary: true }],
          [ENTERPRISE]: { department: 'D', manager: { value: '1' } },
          meta: { resourceType: 'User' },
          groups: [],
        }),
    ],
    [
      'a PATCH as the RFC has it',
      () =>
        patch(
          { op: 'add', path: 'emails', value: { value: 'a' } },
          { op: 'replace', path: 'name', value: { givenName: 'x' } },
          { op: 'replace', path: `${ENTERPRISE}:department`, value: 'D' },
          { op: 'replace', path: 'emails[type eq "work"].value', value: 'a' },
          { op: 'replace', path: 'title', value: null },
          { op: 'replace', path: 'emails', value: null },
          { op: 'remove', path: 'title' },
          { op: 'remove', path: 'emails[type eq "work"]' },
          { op: 'add', path: ENTERPRISE, value: { department: 'D' } },
        ),
    ],
    ['members removed by filter', () => patchGroup({ op: 'remove', path: 'members[value eq "a"]' })],
    [
      'filters as the RFC has them',
      () => list('not (title pr) and emails[type eq "work" and value co "@b"] or active eq true'),
    ],
    ['what is no filter at all', () => list('userName eq')],
    ['discovery', () => seen({ method: 'GET', url: '/Schemas' })],
  ])('sees none in %s', (_what, request) => expect(request()).toEqual([]));

  it('says where it saw one', () => {
    const body = {
      schemas: [PATCH_OP],
      Operations: [
        { op: 'replace', path: 'title', value: 'T' },
        { op: 'Add', path: 'title', value: 'T' },
      ],
    };
    const found = observeRequest({ method: 'PATCH', url: '/Users/1', query: {}, headers: {}, body }, [USER, GROUP]);
    expect([...found]).toEqual([['capitalised-op', 'Operations[1]']]);
  });

  it('throws for nothing', () => {
    const bodies = fc.dictionary(
      fc.constantFrom('Operations', 'operations', 'schemas', 'members', 'emails', 'name', ENTERPRISE, 'filter', 'x'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        bodies,
        fc.constantFrom('/Users', '/Groups/1', '/Users/.search', '/.search', '/Bulk', '/'),
        (given, url) => {
          const body = given as JsonObject;
          for (const method of ['POST', 'PUT', 'PATCH', 'GET']) {
            for (const sent of [body, { Operations: [body] }, { Operations: [{ op: 'add', value: body }] }]) {
              observeRequest({ method, url, query: body, headers: {}, body: sent }, [USER, GROUP]);
            }
          }
        },
      ),
    );
  });

  it.each([
    ['dots and a colon', `${'a.'.repeat(2_000_000)}:`],
    ['colons and a dot', `urn:${'a:'.repeat(2_000_000)}.`],
    ['dots', '.'.repeat(4_000_000)],
  ])('takes no longer for a key as long as the body: %s', (_what, key) => {
    const started = performance.now();
    patch({ op: 'add', value: { [key]: 1 } }, { op: 'add', path: key, value: 1 });
    // Milliseconds; a key looked at again from each of its dots would take hours.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('looks at a hundred thousand members in no time', () => {
    const members = Array.from({ length: 100_000 }, (_each, at) => ({ value: String(at), display: 'x' }));
    const started = performance.now();
    postGroup({ members });
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
