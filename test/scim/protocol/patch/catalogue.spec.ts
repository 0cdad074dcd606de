import { ScimError } from '../../../../src/scim/protocol/scim-error.js';
import { applyPatch } from '../../../../src/scim/protocol/patch/apply-patch.js';
import { parsePatchRequest } from '../../../../src/scim/protocol/patch/parse-patch-request.js';
import { USER } from '../../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

/** Every shape of PATCH that real clients send, with the number it has in the catalogue of dialects. */

const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';

interface Case {
  readonly n: string;
  readonly what: string;
  readonly given?: JsonObject;
  readonly ops: Json[];
  readonly then: JsonObject | string;
}

const BASE: JsonObject = { userName: 'ada', active: true };
const work = { type: 'work', value: 'a@b.c' };
const home = { type: 'home', value: 'h@b.c' };

const CASES: readonly Case[] = [
  {
    n: '1',
    what: 'R-130 verbs in any case',
    ops: [
      { op: 'ADD', path: 'title', value: 'T' },
      { op: 'Replace', path: 'nickName', value: 'N' },
    ],
    then: { ...BASE, title: 'T', nickName: 'N' },
  },
  { n: '1', what: 'R-130 an unknown verb', ops: [{ op: 'put', path: 'title', value: 'T' }], then: '400 invalidSyntax' },
  {
    n: '3',
    what: 'further keys are ignored',
    ops: [{ op: 'add', path: 'title', value: 'T', name: 'addTitle' }],
    then: { ...BASE, title: 'T' },
  },
  { n: '4', what: 'R-130 no operations', ops: [], then: BASE },
  { n: '4b', what: 'op is missing', ops: [{ path: 'title', value: 'T' }], then: '400 invalidSyntax' },
  {
    n: '5',
    what: 'R-131 in order',
    ops: [
      { op: 'add', path: 'title', value: 'A' },
      { op: 'replace', path: 'title', value: 'B' },
    ],
    then: { ...BASE, title: 'B' },
  },
  {
    n: '6',
    what: 'Entra deactivates with a text',
    ops: [{ op: 'Replace', path: 'active', value: 'False' }],
    then: { ...BASE, active: false },
  },
  {
    n: '7',
    what: 'Okta deactivates without a path',
    ops: [{ op: 'replace', value: { active: false } }],
    then: { ...BASE, active: false },
  },
  {
    n: '7',
    what: 'SailPoint adds without a path',
    ops: [{ op: 'add', value: { active: false } }],
    then: { ...BASE, active: false },
  },
  {
    n: '8',
    what: 'R-134 add on a single value replaces',
    given: { ...BASE, active: false },
    ops: [{ op: 'Add', path: 'active', value: true }],
    then: { ...BASE, active: true },
  },
  {
    n: '9',
    what: 'scalar in a list',
    ops: [
      { op: 'Replace', path: 'displayName', value: ['X'] },
      { op: 'Replace', path: 'active', value: [true] },
    ],
    then: { ...BASE, displayName: 'X' },
  },
  {
    n: '9',
    what: 'scalar in a list of objects',
    ops: [{ op: 'Replace', path: 'active', value: [{ value: 'False' }] }],
    then: { ...BASE, active: false },
  },
  {
    n: '10',
    what: 'userName by path and without',
    ops: [
      { op: 'Replace', path: 'userName', value: 'x' },
      { op: 'replace', value: { userName: 'y' } },
    ],
    then: { ...BASE, userName: 'y' },
  },
  {
    n: '11',
    what: 'the core URN',
    ops: [{ op: 'replace', path: `${CORE}:userName`, value: 'x' }],
    then: { ...BASE, userName: 'x' },
  },
  {
    n: '12',
    what: 'names in any case, stored canonically',
    ops: [
      { op: 'replace', path: 'USERNAME', value: 'x' },
      { op: 'add', path: 'NAME.GivenName', value: 'G' },
      { op: 'add', path: 'addresses[TYPE eq "other"].Formatted', value: 'F' },
    ],
    then: { ...BASE, userName: 'x', name: { givenName: 'G' }, addresses: [{ type: 'other', formatted: 'F' }] },
  },
  {
    n: '13',
    what: 'dotted keys',
    ops: [{ op: 'replace', value: { displayName: 'a', 'name.givenName': 'b', 'name.familyName': 'c' } }],
    then: { ...BASE, displayName: 'a', name: { givenName: 'b', familyName: 'c' } },
  },
  {
    n: '14',
    what: 'URN keys',
    ops: [{ op: 'replace', value: { [`${ENT}:employeeNumber`]: '1', [`${ENT}:manager.value`]: 'x' } }],
    then: { ...BASE, [ENT]: { employeeNumber: '1', manager: { value: 'x' } } },
  },
  {
    n: '15',
    what: 'R-138 extension object without path',
    given: { ...BASE, [ENT]: { costCenter: 'c' } },
    ops: [{ op: 'add', value: { [ENT]: { department: 'R&D' } } }],
    then: { ...BASE, [ENT]: { costCenter: 'c', department: 'R&D' } },
  },
  {
    n: '16',
    what: 'R-138 the extension as path',
    ops: [{ op: 'add', path: ENT, value: { department: 'x' } }],
    then: { ...BASE, [ENT]: { department: 'x' } },
  },
  {
    n: '17',
    what: 'R-036 read-only keys without path are dropped',
    ops: [
      {
        op: 'replace',
        value: { id: 'zzz', schemas: [], meta: { created: 'x' }, groups: [{ value: 'g' }], displayName: 'x' },
      },
    ],
    then: { ...BASE, displayName: 'x' },
  },
  {
    n: '18',
    what: 'R-036, R-133 an explicit path to id',
    ops: [{ op: 'replace', path: 'id', value: 'x' }],
    then: '400 mutability',
  },
  {
    n: '18',
    what: 'R-133 an explicit path to meta.created',
    ops: [{ op: 'replace', path: 'meta.created', value: 'x' }],
    then: '400 mutability',
  },
  {
    n: '18',
    what: 'R-030 an explicit path to groups',
    ops: [{ op: 'add', path: 'groups', value: [{ value: 'g' }] }],
    then: '400 mutability',
  },
  {
    n: '19',
    what: 'each attribute of a value is replaced as a whole',
    given: { ...BASE, emails: [home] },
    ops: [{ op: 'replace', value: { emails: [work], nickname: 'Babs' } }],
    then: { ...BASE, emails: [work], nickName: 'Babs' },
  },
  {
    n: '20',
    what: 'R-136 a complex replace merges',
    given: { ...BASE, name: { givenName: 'G', familyName: 'F' } },
    ops: [{ op: 'replace', path: 'name', value: { familyName: 'x' } }],
    then: { ...BASE, name: { givenName: 'G', familyName: 'x' } },
  },
  {
    n: '21',
    what: 'R-026 replace by null unassigns',
    given: { ...BASE, title: 'T' },
    ops: [{ op: 'Replace', path: 'title', value: null }],
    then: BASE,
  },
  {
    n: '21',
    what: 'replace by an empty text unassigns',
    given: { ...BASE, title: 'T' },
    ops: [{ op: 'Replace', path: 'title', value: '' }],
    then: BASE,
  },
  {
    n: '21',
    what: 'add of null does nothing',
    given: { ...BASE, title: 'T' },
    ops: [{ op: 'Add', path: 'title', value: null }],
    then: { ...BASE, title: 'T' },
  },
  {
    n: '21',
    what: 'R-143 a required attribute cannot be nulled',
    ops: [{ op: 'replace', path: 'userName', value: null }],
    then: '400 invalidValue',
  },
  {
    n: '21',
    what: 'R-143 a required attribute cannot be emptied',
    ops: [{ op: 'replace', path: 'userName', value: '' }],
    then: '400 invalidValue',
  },
  {
    n: '21',
    what: 'R-135 a required attribute cannot be removed',
    ops: [{ op: 'remove', path: 'userName' }],
    then: '400 mutability',
  },
  { n: '22', what: 'add without value', ops: [{ op: 'Add', path: 'title' }], then: '400 invalidValue' },
  {
    n: '23',
    what: 'R-136 a filtered sub-attribute in all matching elements',
    given: { ...BASE, emails: [work, { type: 'work', value: 'x@y.z' }, home] },
    ops: [{ op: 'replace', path: 'emails[type eq "work"].display', value: 'D' }],
    then: { ...BASE, emails: [{ ...work, display: 'D' }, { type: 'work', value: 'x@y.z', display: 'D' }, home] },
  },
  {
    n: '24',
    what: 'R-136 creates the element when none matches, replace',
    ops: [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'a@b.c' }],
    then: { ...BASE, emails: [work] },
  },
  {
    n: '24',
    what: 'creates the element when none matches, add',
    given: { ...BASE, emails: [home] },
    ops: [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'a@b.c' }],
    then: { ...BASE, emails: [home, work] },
  },
  {
    n: '24',
    what: 'R-136 cannot create from a filter that does not say what the element is',
    ops: [{ op: 'replace', path: 'emails[value co "x"].display', value: 'D' }],
    then: '400 noTarget',
  },
  {
    n: '25',
    what: 'several operations hit the element the first created',
    ops: [
      { op: 'Add', path: 'addresses[type eq "work"].country', value: 'EE' },
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'L' },
      { op: 'Add', path: 'addresses[type eq "work"].formatted', value: 'F' },
    ],
    then: { ...BASE, addresses: [{ type: 'work', country: 'EE', locality: 'L', formatted: 'F' }] },
  },
  {
    n: '26',
    what: 'R-137 one primary',
    given: {
      ...BASE,
      phoneNumbers: [
        { type: 'home', value: '1', primary: true },
        { type: 'work', value: '2' },
      ],
    },
    ops: [{ op: 'replace', path: 'phoneNumbers[type eq "work"].primary', value: true }],
    then: {
      ...BASE,
      phoneNumbers: [
        { type: 'home', value: '1' },
        { type: 'work', value: '2', primary: true },
      ],
    },
  },
  {
    n: '27',
    what: 'a boolean compared with a text, none there',
    ops: [{ op: 'Add', path: 'roles[primary eq "True"].value', value: 'admin' }],
    then: { ...BASE, roles: [{ primary: true, value: 'admin' }] },
  },
  {
    n: '27',
    what: 'a boolean compared with a boolean, one there',
    given: { ...BASE, emails: [{ ...work, primary: true }] },
    ops: [{ op: 'Replace', path: 'emails[primary eq true].value', value: 'n@b.c' }],
    then: { ...BASE, emails: [{ type: 'work', value: 'n@b.c', primary: true }] },
  },
  {
    n: '28',
    what: 'a whole record keeps the type it was chosen by',
    given: { ...BASE, addresses: [{ type: 'work', country: 'EE', locality: 'L' }] },
    ops: [{ op: 'replace', path: 'addresses[type eq "work"]', value: { country: 'FI' } }],
    then: { ...BASE, addresses: [{ type: 'work', country: 'FI' }] },
  },
  {
    n: '29',
    what: 'and in the filter',
    given: { ...BASE, emails: [work, home] },
    ops: [{ op: 'replace', path: 'emails[type eq "work" and value ew "@b.c"].display', value: 'D' }],
    then: { ...BASE, emails: [{ ...work, display: 'D' }, home] },
  },
  {
    n: '29',
    what: 'not in the filter',
    given: { ...BASE, emails: [work, home] },
    ops: [{ op: 'remove', path: 'emails[not (type eq "home")]' }],
    then: { ...BASE, emails: [home] },
  },
  {
    n: '30',
    what: 'R-134 an object where a list belongs',
    given: { ...BASE, emails: [home] },
    ops: [{ op: 'add', path: 'emails', value: work }],
    then: { ...BASE, emails: [home, work] },
  },
  {
    n: '31',
    what: 'R-134 equal elements are not repeated',
    given: { ...BASE, emails: [work] },
    ops: [{ op: 'add', path: 'emails', value: [work, home] }],
    then: { ...BASE, emails: [work, home] },
  },
  {
    n: '31',
    what: 'R-137 a new primary resets the old one',
    given: { ...BASE, emails: [{ ...work, primary: true }] },
    ops: [{ op: 'add', path: 'emails', value: [{ ...home, primary: true }] }],
    then: { ...BASE, emails: [work, { ...home, primary: true }] },
  },
  {
    n: '32',
    what: 'a text for a complex element',
    ops: [{ op: 'Add', path: 'emails[type eq "work"]', value: 'a@b.c' }],
    then: { ...BASE, emails: [work] },
  },
  {
    n: '33',
    what: 'R-135 remove a record',
    given: { ...BASE, emails: [work, home] },
    ops: [{ op: 'remove', path: 'emails[type eq "work"]' }],
    then: { ...BASE, emails: [home] },
  },
  {
    n: '33',
    what: 'a record of which only the type is left goes',
    given: { ...BASE, emails: [work, home] },
    ops: [{ op: 'remove', path: 'emails[type eq "work"].value' }],
    then: { ...BASE, emails: [home] },
  },
  {
    n: '34',
    what: 'R-135 remove that matches nothing',
    given: { ...BASE, emails: [home] },
    ops: [{ op: 'remove', path: 'emails[type eq "fax"]' }],
    then: { ...BASE, emails: [home] },
  },
  { n: '34', what: 'R-135 remove without path', ops: [{ op: 'remove' }], then: '400 noTarget' },
  {
    n: '35',
    what: 'roles as JSON in a text',
    ops: [{ op: 'Add', path: 'roles', value: [{ value: '{"id":"1","value":"Admin"}' }] }],
    then: { ...BASE, roles: [{ value: '{"id":"1","value":"Admin"}' }] },
  },
  {
    n: '36',
    what: 'replace all roles',
    given: { ...BASE, roles: [{ value: 'a' }] },
    ops: [{ op: 'replace', path: 'roles', value: [{ value: 'b' }] }],
    then: { ...BASE, roles: [{ value: 'b' }] },
  },
  {
    n: '37',
    what: 'two primaries in one value',
    ops: [
      {
        op: 'add',
        path: 'emails',
        value: [
          { ...work, primary: true },
          { ...home, primary: true },
        ],
      },
    ],
    then: '400 invalidValue',
  },
  {
    n: '38',
    what: 'null elements are never stored',
    ops: [{ op: 'add', path: 'emails', value: [null, work] }],
    then: { ...BASE, emails: [work] },
  },
  {
    n: '39',
    what: 'a manager as text',
    ops: [{ op: 'Add', path: `${ENT}:manager`, value: '271' }],
    then: { ...BASE, [ENT]: { manager: { value: '271' } } },
  },
  {
    n: '40',
    what: 'a manager as object',
    ops: [{ op: 'replace', path: `${ENT}:manager`, value: { value: '271' } }],
    then: { ...BASE, [ENT]: { manager: { value: '271' } } },
  },
  {
    n: '41',
    what: 'a manager without URN in a list',
    ops: [{ op: 'Add', path: 'manager', value: [{ $ref: 'x/Users/271', value: '271' }] }],
    then: { ...BASE, [ENT]: { manager: { value: '271', $ref: 'x/Users/271' } } },
  },
  {
    n: '42',
    what: 'manager.value',
    ops: [{ op: 'Add', path: `${ENT}:manager.value`, value: '271' }],
    then: { ...BASE, [ENT]: { manager: { value: '271' } } },
  },
  {
    n: '42',
    what: 'a manager cleared by {"value":""}',
    given: { ...BASE, [ENT]: { manager: { value: '1' } } },
    ops: [{ op: 'Replace', path: `${ENT}:manager`, value: { value: '' } }],
    then: BASE,
  },
  {
    n: '42',
    what: 'a manager cleared by an empty text',
    given: { ...BASE, [ENT]: { manager: { value: '1' }, department: 'D' } },
    ops: [{ op: 'Replace', path: `${ENT}:manager`, value: '' }],
    then: { ...BASE, [ENT]: { department: 'D' } },
  },
  {
    n: '42',
    what: 'a manager removed',
    given: { ...BASE, [ENT]: { manager: { value: '1' } } },
    ops: [{ op: 'Remove', path: `${ENT}:manager` }],
    then: BASE,
  },
  {
    n: '43',
    what: "R-036 a manager's displayName in a body is ignored",
    ops: [{ op: 'add', value: { [ENT]: { manager: { value: '1', displayName: 'Boss' } } } }],
    then: { ...BASE, [ENT]: { manager: { value: '1' } } },
  },
  { n: '-', what: 'R-132 an unknown path', ops: [{ op: 'add', path: 'nosuch', value: 'x' }], then: '400 invalidPath' },
  {
    n: '-',
    what: 'an unknown key without path is ignored',
    ops: [{ op: 'add', value: { nosuch: 'x', title: 'T' } }],
    then: { ...BASE, title: 'T' },
  },
  {
    n: '-',
    what: 'R-132 a malformed path',
    ops: [{ op: 'add', path: 'emails[type eq "work"', value: 'x' }],
    then: '400 invalidPath',
  },
  {
    n: '-',
    what: 'R-132 a malformed filter',
    ops: [{ op: 'add', path: 'emails[type eq].value', value: 'x' }],
    then: '400 invalidFilter',
  },
  {
    n: '-',
    what: 'brackets and dots inside of a text',
    given: { ...BASE, emails: [{ type: 'a].b"]', value: 'x@y.z' }] },
    ops: [{ op: 'replace', path: 'emails[type eq "a].b\\"]"].value', value: 'n@y.z' }],
    then: { ...BASE, emails: [{ type: 'a].b"]', value: 'n@y.z' }] },
  },
  {
    n: '-',
    what: 'a password is accepted and forgotten',
    ops: [
      { op: 'replace', value: { password: 'secret' } },
      { op: 'add', path: 'password', value: 's' },
    ],
    then: BASE,
  },
  {
    n: '-',
    what: '__proto__ as path',
    ops: [{ op: 'add', path: '__proto__.polluted', value: 'x' }],
    then: '400 invalidPath',
  },
  {
    n: '-',
    what: 'constructor as path',
    ops: [{ op: 'add', path: 'constructor.prototype', value: 'x' }],
    then: '400 invalidPath',
  },
  {
    n: '-',
    what: '__proto__ as key',
    ops: [{ op: 'add', value: JSON.parse('{"__proto__":{"polluted":1},"__proto__.x":1,"title":"T"}') as JsonObject }],
    then: { ...BASE, title: 'T' },
  },
  {
    n: '-',
    what: 'R-133 a wrong type',
    ops: [{ op: 'replace', path: 'active', value: 'maybe' }],
    then: '400 invalidValue',
  },
  {
    n: '-',
    what: 'an object where a text belongs',
    ops: [{ op: 'replace', path: 'title', value: { a: 1, b: 2 } }],
    then: '400 invalidValue',
  },
];

describe('PATCH: the catalogue', () => {
  it.each(CASES)('#$n $what', ({ given = BASE, ops, then }) => {
    const before = structuredClone(given);
    const run = () => applyPatch(USER, given, parsePatchRequest({ schemas: [], Operations: ops }));
    if (typeof then === 'string') expect(problemOf(run)).toBe(then);
    else expect(run()).toEqual(then);
    expect(given).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('#2 the schemas of the message are not insisted on, and keys may be lower case', () => {
    expect(parsePatchRequest({ operations: [{ OP: 'add', PATH: 'title', VALUE: 'T' }] })).toEqual([
      { op: 'add', path: 'title', value: 'T' },
    ]);
  });

  it('R-130 a body without a list of operations', () => {
    expect(problemOf(() => parsePatchRequest({}))).toBe('400 invalidSyntax');
    expect(problemOf(() => parsePatchRequest({ Operations: 'x' }))).toBe('400 invalidSyntax');
    expect(problemOf(() => parsePatchRequest({ Operations: ['x'] }))).toBe('400 invalidSyntax');
    expect(
      problemOf(() =>
        parsePatchRequest({ Operations: Array.from({ length: 1001 }, () => ({ op: 'remove', path: 'title' })) }),
      ),
    ).toBe('413 undefined');
  });

  it('R-131 nothing of a failing request is applied', () => {
    const given = { ...BASE, title: 'T' };
    expect(() =>
      applyPatch(
        USER,
        given,
        parsePatchRequest({
          Operations: [
            { op: 'replace', path: 'title', value: 'X' },
            { op: 'add', path: 'id', value: 'x' },
          ],
        }),
      ),
    ).toThrow(ScimError);
    expect(given).toEqual({ ...BASE, title: 'T' });
  });
});

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ScimError) return `${error.status} ${error.scimType}`;
    throw error;
  }
  return 'no error';
}
