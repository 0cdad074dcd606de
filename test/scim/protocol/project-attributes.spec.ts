import fc from 'fast-check';
import { projectAttributes, toProjection, wantsAttribute } from '../../../src/scim/protocol/project-attributes.js';
import { GROUP, USER, userResourceType } from '../../../src/scim/protocol/resource-types.js';
import { attribute, complex } from '../../../src/scim/protocol/schema/define-attribute.js';
import type { JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from '../../../src/scim/protocol/urns.js';

const E = ENTERPRISE_USER_SCHEMA;
const user: JsonObject = {
  schemas: [USER_SCHEMA, E],
  id: '1',
  externalId: 'x',
  userName: 'bjensen',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  active: true,
  emails: [{ value: 'a@example.com', type: 'work', primary: true }, { value: 'b@example.com' }],
  password: 'must never be seen',
  [E]: { department: 'Sales', manager: { value: '2', displayName: 'M' } },
  meta: { resourceType: 'User', location: 'https://example.com/Users/1' },
};
const kernel = { schemas: [USER_SCHEMA], id: '1' };
const project = (request: { attributes?: string[]; excludedAttributes?: string[] }, resource = user, type = USER) =>
  projectAttributes(resource, toProjection(type, request));
const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(user).filter(([key]) => !['password', ...keys].includes(key)));

describe('projectAttributes', () => {
  it('R-035 by default returns all but what is never returned, in the order it was', () => {
    expect(project({})).toEqual(without());
    expect(Object.keys(project({}))).toEqual(Object.keys(without()));
  });

  it.each([
    ['R-112 id and schemas always', ['userName'], { userName: 'bjensen' }],
    ['R-111 any case', ['USERNAME'], { userName: 'bjensen' }],
    ['R-111 the core URN', [`${USER_SCHEMA}:userName`], { userName: 'bjensen' }],
    ['R-111 a sub-attribute', ['name.givenname'], { name: { givenName: 'Barbara' } }],
    [
      'R-111 sub-attributes of all elements',
      ['emails.value'],
      { emails: [{ value: 'a@example.com' }, { value: 'b@example.com' }] },
    ],
    ['elements of which nothing is left', ['emails.type'], { emails: [{ type: 'work' }] }],
    ['the whole and a part', ['name.givenName', 'name'], { name: user.name }],
    ['a part and the whole', ['name', 'name.givenName'], { name: user.name }],
    ['two parts', ['name.givenName', 'name.familyName'], { name: user.name }],
    ['R-111 an extension attribute', [`${E}:department`], { schemas: [USER_SCHEMA, E], [E]: { department: 'Sales' } }],
    [
      'R-111 a sub-attribute in an extension',
      [`${E.toLowerCase()}:manager.value`],
      { schemas: [USER_SCHEMA, E], [E]: { manager: { value: '2' } } },
    ],
    [
      'a bare name of the extension',
      ['manager'],
      { schemas: [USER_SCHEMA, E], [E]: { manager: { value: '2', displayName: 'M' } } },
    ],
    ['R-111 a whole extension', [E], { schemas: [USER_SCHEMA, E], [E]: user[E] }],
    ['R-112 meta if asked', ['meta'], { meta: user.meta }],
    ['meta.location', ['meta.location'], { meta: { location: 'https://example.com/Users/1' } }],
    ['R-115 unknown names', ['shoeSize', 'name.shoe', '__proto__', 'a b', ''], {}],
    ['R-114 password never', ['password', 'userName'], { userName: 'bjensen' }],
    ['an attribute without a value', ['title', 'name.middleName'], {}],
  ])('attributes: %s', (_title, attributes, expected) => {
    expect(project({ attributes })).toEqual({ ...kernel, ...expected });
  });

  it.each([
    ['an attribute', ['emails'], without('emails')],
    ['several, any case', ['EMAILS', 'meta'], without('emails', 'meta')],
    ['a sub-attribute', ['name.familyName'], { ...without(), name: { givenName: 'Barbara' } }],
    ['every sub-attribute', ['name.familyName', 'name.givenName'], without('name')],
    ['R-113 id and schemas stay', ['id', 'schemas'], without()],
    ['an extension', [E], { ...without(E), schemas: [USER_SCHEMA] }],
    ['an extension attribute', [`${E}:manager`], { ...without(), [E]: { department: 'Sales' } }],
    ['all there is in an extension', ['manager', 'department'], { ...without(E), schemas: [USER_SCHEMA] }],
    ['R-115 unknown names', ['shoeSize'], without()],
  ])('excludedAttributes: %s', (_title, excludedAttributes, expected) => {
    expect(project({ excludedAttributes })).toEqual(expected);
  });

  it('obeys always and request, at the top and inside', () => {
    const urn = 'urn:example:params:scim:schemas:extension:badge:1.0:User';
    const type = userResourceType([
      {
        id: urn,
        name: 'Badge',
        description: 'Badges',
        attributes: [
          attribute('pin', 'PIN', { returned: 'request' }),
          complex('badge', 'Badge', [
            attribute('number', 'Number', { returned: 'always' }),
            attribute('color', 'Color'),
            attribute('picture', 'Picture', { returned: 'request' }),
          ]),
        ],
      },
    ]);
    const badge = { number: '7', color: 'red', picture: 'p' };
    const resource: JsonObject = { schemas: [USER_SCHEMA, urn], id: '1', [urn]: { pin: '0000', badge } };
    const extension = (request: object) => project(request, resource, type)[urn];
    expect(extension({})).toEqual({ badge: { number: '7', color: 'red' } });
    expect(extension({ attributes: ['pin'] })).toEqual({ pin: '0000' });
    expect(extension({ attributes: [urn] })).toEqual({ badge: { number: '7', color: 'red' } });
    expect(extension({ attributes: ['badge.color'] })).toEqual({ badge: { number: '7', color: 'red' } });
    expect(extension({ attributes: ['badge.picture'] })).toEqual({ badge: { number: '7', picture: 'p' } });
    expect(extension({ excludedAttributes: ['badge.number', 'badge.color'] })).toEqual({ badge: { number: '7' } });
    expect(extension({ excludedAttributes: ['userName'] })).toEqual({ badge: { number: '7', color: 'red' } });
  });

  it('keeps an empty list: a group without members says so', () => {
    const group = { schemas: [GROUP.schema.id], id: '1', displayName: 'A', members: [] };
    expect(project({ attributes: ['members.value'] }, group, GROUP).members).toEqual([]);
    expect(project({}, group, GROUP)).toEqual(group);
  });

  it('wants what it shows', () => {
    expect(wantsAttribute(toProjection(GROUP), 'members')).toBe(true);
    expect(wantsAttribute(toProjection(GROUP, { excludedAttributes: ['MEMBERS'] }), 'members')).toBe(false);
    expect(wantsAttribute(toProjection(GROUP, { excludedAttributes: ['members.display'] }), 'members')).toBe(true);
    expect(wantsAttribute(toProjection(GROUP, { attributes: ['displayName'] }), 'members')).toBe(false);
    expect(wantsAttribute(toProjection(GROUP, { attributes: ['members.value'] }), 'members')).toBe(true);
    expect(wantsAttribute(toProjection(USER, { attributes: ['manager'] }), E)).toBe(true);
    expect(wantsAttribute(toProjection(USER), 'password')).toBe(false);
  });

  it('leaves the resource as it is and gives the same answer to its own answer, whatever is asked', () => {
    const before = structuredClone(user);
    const names = fc.array(
      fc.constantFrom('name', 'name.givenName', 'emails.type', E, `${E}:manager.value`, 'id', 'x'),
    );
    fc.assert(
      fc.property(names, fc.boolean(), (list, isExclusion) => {
        const request = isExclusion ? { excludedAttributes: list } : { attributes: list };
        const projected = project(request);
        expect(project(request, projected)).toEqual(projected);
        expect(projected).toMatchObject({ id: '1' });
        expect(projected).not.toHaveProperty('password');
      }),
    );
    expect(user).toEqual(before);
  });
});
