import fc from 'fast-check';
import { readResource } from '../../../src/scim/protocol/read-resource.js';
import { readValue } from '../../../src/scim/protocol/read-value.js';
import { GROUP, USER, userResourceType } from '../../../src/scim/protocol/resource-types.js';
import { attribute, complex } from '../../../src/scim/protocol/schema/define-attribute.js';
import type { Json, JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import { findAttribute } from '../../../src/scim/protocol/schema/lookup.js';
import { ScimError } from '../../../src/scim/protocol/scim-error.js';
import { ENTERPRISE_USER_SCHEMA as E, USER_SCHEMA } from '../../../src/scim/protocol/urns.js';

const BADGE = 'urn:example:params:scim:schemas:extension:badge:1.0:User';
const TYPE = userResourceType([
  {
    id: BADGE,
    name: 'Badge',
    description: 'Badges',
    attributes: [
      attribute('number', 'Number', { type: 'integer', required: true }),
      attribute('weight', 'Weight', { type: 'decimal' }),
      attribute('issued', 'Issued', { type: 'dateTime' }),
      attribute('tags', 'Tags', { multiValued: true }),
      complex('holder', 'Holder', [attribute('value', 'Who', { required: true }), attribute('note', 'Note')]),
    ],
  },
]);
const user = (more: JsonObject) => readResource(TYPE, { userName: 'x', ...more }).document;

describe('readResource: what is accepted', () => {
  const rows: [title: string, body: JsonObject, document: JsonObject][] = [
    [
      'R-024 names in any case',
      { DISPLAYNAME: 'X', Name: { GIVENNAME: 'B' } },
      { displayName: 'X', name: { givenName: 'B' } },
    ],
    [
      'R-023, R-030, R-036 readOnly attributes are ignored, whatever they hold',
      { id: 5, meta: 'x', groups: 7, schemas: ['urn:example:unknown'] },
      {},
    ],
    [
      'unknown attributes',
      { shoeSize: 5, name: { shoe: 'x', givenName: 'B' }, 'a b': 1 },
      { name: { givenName: 'B' } },
    ],
    ['unknown extensions', { 'urn:example:unknown:1.0:User': { a: 1 } }, {}],
    ['R-029 the password is not kept', { password: 'secret' }, {}],
    [
      'R-032 the extension, URN in any case',
      { [E.toUpperCase()]: { DEPARTMENT: 'Sales' } },
      { [E]: { department: 'Sales' } },
    ],
    [
      'URN keys',
      { [`${E}:department`]: 'Sales', [`${USER_SCHEMA}:title`]: 'T' },
      { [E]: { department: 'Sales' }, title: 'T' },
    ],
    [
      'URN keys join the extension',
      { [E]: { division: 'D' }, [`${E}:department`]: 'S' },
      { [E]: { division: 'D', department: 'S' } },
    ],
    ['dotted keys', { 'name.givenName': 'B', 'Name.FamilyName': 'J' }, { name: { givenName: 'B', familyName: 'J' } }],
    [
      'dotted keys join the object',
      { name: { givenName: 'B' }, 'name.familyName': 'J' },
      { name: { givenName: 'B', familyName: 'J' } },
    ],
    [
      'dotted keys of the first element',
      { 'emails.value': 'a', 'emails.type': 'work' },
      { emails: [{ value: 'a', type: 'work' }] },
    ],
    ['dotted keys in an extension', { [E]: { 'manager.value': '5' } }, { [E]: { manager: { value: '5' } } }],
    ['a dotted readOnly key', { 'meta.version': 'x', [`${E}:manager.displayName`]: 'M' }, {}],
    ['a bare name of the extension', { manager: '5' }, { [E]: { manager: { value: '5' } } }],
    [
      'manager as an object',
      { [E]: { manager: { value: '5', displayName: 'M' } } },
      { [E]: { manager: { value: '5' } } },
    ],
    [
      'one-element lists of singular attributes',
      { title: ['T'], name: [{ givenName: ['B'] }] },
      { title: 'T', name: { givenName: 'B' } },
    ],
    ['an extension in a list', { [E]: [{ department: 'S' }] }, { [E]: { department: 'S' } }],
    ['an object for a list', { emails: { value: 'a' } }, { emails: [{ value: 'a' }] }],
    ['bare elements', { roles: ['admin', 'user'] }, { roles: [{ value: 'admin' }, { value: 'user' }] }],
    ['a bare element without list', { roles: 'admin' }, { roles: [{ value: 'admin' }] }],
    ['Entra: primary "True"', { roles: [{ primary: 'True', value: 'r' }] }, { roles: [{ primary: true, value: 'r' }] }],
    ['active "False"', { active: 'False' }, { active: false }],
    ['the same element twice', { emails: [{ value: 'a' }, { value: 'a' }] }, { emails: [{ value: 'a' }] }],
    [
      'R-033, R-034 odd values stay as they are',
      {
        locale: 'German, mostly',
        timezone: 'somewhere',
        profileUrl: 'no url',
        phoneNumbers: [{ value: '(555) 555-0100 ext. 4' }],
        addresses: [{ country: 'Germany', formatted: 'a\nb' }],
        emails: [{ value: ' Not An Address ', type: 'weird' }],
        x509Certificates: [{ value: '-----BEGIN' }],
      },
      {
        locale: 'German, mostly',
        timezone: 'somewhere',
        profileUrl: 'no url',
        phoneNumbers: [{ value: '(555) 555-0100 ext. 4' }],
        addresses: [{ country: 'Germany', formatted: 'a\nb' }],
        emails: [{ value: ' Not An Address ', type: 'weird' }],
        x509Certificates: [{ value: '-----BEGIN' }],
      },
    ],
    ['numbers', { [BADGE]: { number: '7', weight: 1.5 } }, { [BADGE]: { number: 7, weight: 1.5 } }],
    [
      'dates as they were',
      { [BADGE]: { number: 7, issued: '2011-05-13T04:42:34.1234567+02:00' } },
      { [BADGE]: { number: 7, issued: '2011-05-13T04:42:34.1234567+02:00' } },
    ],
    [
      'lists of texts',
      { [BADGE]: { number: 7, tags: ['a', '', 'b', 'a'] } },
      { [BADGE]: { number: 7, tags: ['a', 'b'] } },
    ],
    ['one text for a list', { [BADGE]: { number: 7, tags: 'a' } }, { [BADGE]: { number: 7, tags: ['a'] } }],
    ['a later spelling wins', { title: 'a', TITLE: 'b' }, { title: 'b' }],
    [
      'one primary',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: false },
        ],
      },
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: false },
        ],
      },
    ],
  ];
  it.each(rows)('%s', (_title, body, document) => {
    expect(user(body)).toEqual({ userName: 'x', ...document });
  });

  it('R-026 null, "", [] and what holds nothing else are unassigned', () => {
    const nothings: Json[] = [null, '', [], [null], ['']];
    const attributes = ['title', 'active', 'emails', 'name', 'externalId', E, `${E}:manager`, 'roles'];
    for (const nothing of nothings)
      for (const name of attributes) expect(user({ [name]: nothing })).toEqual({ userName: 'x' });
    expect(
      user({
        name: {},
        emails: [{}, { value: '' }, { type: 'work', primary: true, value: null }],
        addresses: [{ type: 'work', formatted: '' }],
        [E]: { manager: { value: '' }, department: null },
        [BADGE]: {},
      }),
    ).toEqual({ userName: 'x' });
  });

  it('says what was sent without a value', () => {
    const { cleared } = readResource(USER, {
      userName: 'x',
      title: '',
      ACTIVE: null,
      emails: [],
      [E]: { department: null, division: 'D' },
      meta: null,
      password: null,
    });
    expect([...cleared].sort()).toEqual(['active', 'emails', 'title', `${E}:department`]);
    expect([...readResource(USER, { userName: 'x', [E]: null }).cleared]).toEqual([E]);
    expect([...readResource(USER, { userName: 'x', title: null, Title: 'b' }).cleared]).toEqual([]);
    expect([...readResource(GROUP, { displayName: 'x', members: [] }).cleared]).toEqual(['members']);
    expect([...readResource(GROUP, { displayName: 'x' }).cleared]).toEqual([]);
  });

  it('R-031 reads groups', () => {
    expect(
      readResource(GROUP, {
        displayName: 'Sales',
        externalId: 'e',
        members: [{ value: '1', display: 'ignored', type: 'User', $ref: 'https://x/Users/1' }, '2', { Value: '3' }],
      }).document,
    ).toEqual({
      displayName: 'Sales',
      externalId: 'e',
      members: [{ value: '1', type: 'User', $ref: 'https://x/Users/1' }, { value: '2' }, { value: '3' }],
    });
  });

  it('R-202 keeps prototype keys and deep nesting away', () => {
    const body = JSON.parse(
      '{"userName":"x","__proto__":{"active":true},"constructor":{"prototype":{"a":1}},"name":{"__proto__":{"b":1},"givenName":"B"}}',
    ) as JsonObject;
    const { document } = readResource(USER, body);
    expect(document).toEqual({ userName: 'x', name: { givenName: 'B' } });
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(({} as JsonObject).active).toBeUndefined();
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as Json;
    expect(() => user({ title: deep })).toThrow(ScimError);
    expect(user({ unknown: deep, id: deep })).toEqual({ userName: 'x' });
  });
});

describe('readResource: what is refused', () => {
  it.each([null, 5, 'text', [], [{ userName: 'x' }], undefined])('R-133 a body that is %j', (body) => {
    expect(() => readResource(USER, body)).toThrow(expect.objectContaining({ scimType: 'invalidSyntax' }) as Error);
  });

  it.each([
    ['R-028 no userName', USER, {}, /"userName" is required/],
    ['R-143 an empty userName', USER, { userName: '' }, /"userName" is required/],
    ['a blank userName', USER, { userName: '  ' }, /"userName" is required/],
    ['a null userName', USER, { userName: null }, /"userName" is required/],
    ['R-031 no displayName of a group', GROUP, { members: [] }, /"displayName" is required/],
    [
      'R-054 a missing one in an extension in use',
      TYPE,
      { userName: 'x', [BADGE]: { tags: ['a'] } },
      /"number" is required/,
    ],
    [
      'a missing sub-attribute',
      TYPE,
      { userName: 'x', [BADGE]: { number: 1, holder: { note: 'n' } } },
      /holder\.value" is required/,
    ],
  ] as const)('%s', (_title, type, body, detail) => {
    expect(() => readResource(type, body)).toThrow(detail);
    expect(() => readResource(type, body)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidValue' }) as Error,
    );
  });

  const wrong: [title: string, body: JsonObject, detail: RegExp][] = [
    ['R-025 a number for a text', { userName: 5 }, /"userName" is a text/],
    ['an object for a text', { title: { value: 'T' } }, /"title" is a text/],
    ['a boolean for a text', { title: true }, /"title"/],
    ['several for one', { title: ['a', 'b'] }, /"title"/],
    ['a list in a list', { title: [['a']] }, /"title"/],
    ['a word for a boolean', { active: 'yes' }, /"active" is true or false/],
    ['a number for a boolean', { active: 1 }, /"active"/],
    ['a text for an object without value', { name: 'Barbara' }, /"name" is an object/],
    ['a number for an object', { [E]: { manager: 5 } }, /manager" is an object/],
    ['a text for an extension', { [E]: 'x' }, /2\.0:User" is an object/],
    ['a text element without value', { addresses: ['x'] }, /"addresses" is a list; each element is an object/],
    ['a number in a list', { emails: [5] }, /"emails" is a list/],
    ['a list in a list of objects', { emails: [[{ value: 'a' }, { value: 'b' }]] }, /"emails"/],
    ['a wrong sub-attribute', { emails: [{ value: 5 }] }, /"emails\.value" is a text/],
    [
      'R-027 two primaries',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'True' },
        ],
      },
      /"emails" has more than one primary/,
    ],
    ['a fraction for an integer', { [BADGE]: { number: 1.5 } }, /number" is an integer/],
    ['a word for a number', { [BADGE]: { number: 1, weight: 'heavy' } }, /weight" is a number/],
    ['a date without time', { [BADGE]: { number: 1, issued: '2011-05-13' } }, /issued" is a date and time/],
    ['NUL', { title: 'a\0b' }, /"title" is a text/],
    ['half a surrogate pair', { title: 'a\ud800b' }, /"title" is a text/],
  ];
  it.each(wrong)('%s', (_title, more, detail) => {
    expect(() => user(more)).toThrow(detail);
    expect(() => user(more)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }) as Error);
  });

  it('R-203 never repeats a value', () => {
    try {
      user({ active: 'sensitive' });
      throw new Error('accepted');
    } catch (error) {
      expect((error as Error).message).toContain('"active"');
      expect((error as Error).message).not.toContain('sensitive');
    }
  });
});

describe('readResource: properties', () => {
  const keys = fc.constantFrom(
    'userName',
    'USERNAME',
    'displayName',
    'active',
    'name',
    'name.givenName',
    'emails',
    'emails.value',
    'roles',
    'manager',
    'addresses',
    E,
    E.toUpperCase(),
    `${E}:department`,
    BADGE,
    `${BADGE}:tags`,
    'id',
    'meta',
    '__proto__',
    'constructor',
    'value',
    'type',
    'primary',
    'givenName',
    'department',
    'number',
    'holder',
    'tags',
    'password',
    'x y',
  );
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'True', 'false', 'x'),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
  );
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(keys, tie('json'), { maxKeys: 5 }),
    ),
  }));
  const body = fc.dictionary(keys, json).map((entries): JsonObject => ({ ...entries, userName: 'x' }));

  it('throws nothing but ScimError, and reading what was read changes nothing', () => {
    let accepted = 0;
    fc.assert(
      fc.property(body, (input) => {
        const before = structuredClone(input);
        let document: JsonObject;
        try {
          document = readResource(TYPE, input).document;
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError);
          return;
        } finally {
          expect(input).toEqual(before);
        }
        accepted += 1;
        expect(readResource(TYPE, document).document).toEqual(document);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

describe('readValue', () => {
  it('reads one attribute, for whoever has a path instead of a document', () => {
    const { target } = findAttribute(USER, { name: 'active' })!;
    expect(readValue(target, 'TRUE')).toBe(true);
    expect(readValue(target, null)).toBeUndefined();
    expect(() => readValue(target, 'x', 'the flag')).toThrow('"the flag" is true or false.');
  });
});
