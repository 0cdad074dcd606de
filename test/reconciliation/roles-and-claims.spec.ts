import type { Attributes } from '../../src/directory/directory-types.js';
import type { LoginClaims } from '../../src/reconciliation/changes.js';
import { applyClaims } from '../../src/reconciliation/apply-claims.js';
import { sameJson } from '../../src/platform/same-json.js';
import { describeUser } from '../../src/reconciliation/describe-changes.js';
import { effectiveRole, roleOfValues, scimRoleValues } from '../../src/reconciliation/roles.js';

const ROLES = ['owner', 'admin', 'member'];

describe('roles', () => {
  it.each([
    ['own role', 'member', [], 'member'],
    ['a group raises it', 'member', ['admin'], 'admin'],
    ['a lesser group does not lower it', 'owner', ['member'], 'owner'],
    ['the most powerful of several groups', 'member', ['admin', 'owner', null], 'owner'],
    ['a role that is not of the organization any more', 'ghost', [null], 'ghost'],
  ])('effective: %s', (_name, own, ofGroups, expected) => {
    expect(effectiveRole(ROLES, own, ofGroups)).toBe(expected);
  });

  it.each([
    ['no values', [], undefined],
    ['a role by name, in any case', ['ADMIN'], 'admin'],
    ['a mapped value', ['App-Owners'], 'owner'],
    ['mapped values are exact', ['app-owners'], undefined],
    ['the most powerful of several', ['member', 'App-Owners', 'admin'], 'owner'],
    ['an unknown value', ['nothing'], undefined],
  ])('of values: %s', (_name, values, expected) => {
    expect(roleOfValues(ROLES, [{ value: 'App-Owners', role: 'owner' }], values)).toBe(expected);
  });

  it('reads SCIM roles, and the object that Entra puts into value as text', () => {
    const roles: Attributes[] = [
      { value: 'admin' },
      { value: '{"id":"1","value":"Owner","displayName":"O"}' },
      { value: '{broken' },
      { display: 'x' },
    ];
    expect(scimRoleValues({ roles })).toEqual([
      'admin',
      '{"id":"1","value":"Owner","displayName":"O"}',
      'Owner',
      '{broken',
    ]);
    expect(scimRoleValues({})).toEqual([]);
  });
});

describe('apply-claims', () => {
  const claims = (fields: Partial<LoginClaims>): LoginClaims => ({
    subject: { format: '', nameQualifier: '', value: 'x' },
    roles: [],
    groups: { kind: 'unmapped' },
    missing: [],
    ...fields,
  });

  it('overwrites what is asserted and leaves the rest', () => {
    const before = { displayName: 'Old', title: 'Engineer', name: { givenName: 'A', middleName: 'M' } };
    expect(applyClaims(before, claims({ displayName: 'New', givenName: 'B', familyName: 'C' }))).toEqual({
      displayName: 'New',
      title: 'Engineer',
      name: { givenName: 'B', middleName: 'M', familyName: 'C' },
    });
    expect(before.name).toEqual({ givenName: 'A', middleName: 'M' });
  });

  it('makes the asserted address the primary work address, and no other primary', () => {
    const emails: Attributes[] = [
      { value: 'old@example.com', type: 'work', primary: true },
      { value: 'home@example.com', type: 'home', primary: true },
      { value: 'NEW@example.com', type: 'other' },
    ];
    expect(applyClaims({ emails }, claims({ email: 'new@example.com' }))['emails']).toEqual([
      { value: 'new@example.com', type: 'work', primary: true },
      { value: 'home@example.com', type: 'home' },
    ]);
  });

  it('asserts nothing: nothing changes', () => {
    const before = { displayName: 'Old', emails: [{ value: 'a@b.c' }] };
    expect(applyClaims(before, claims({}))).toEqual(before);
  });

  it('is the same the second time', () => {
    const once = applyClaims({}, claims({ email: 'a@b.c', givenName: 'A' }));
    expect(applyClaims(once, claims({ email: 'a@b.c', givenName: 'A' }))).toEqual(once);
  });
});

describe('describe-changes', () => {
  const user = {
    userName: 'a',
    externalId: null,
    active: true,
    provenance: 'jit' as const,
    connectionId: null,
    role: 'member',
    breakGlass: false,
    scimLinkApproved: false,
    attributes: { displayName: 'A', name: { givenName: 'G', familyName: 'F' } },
  };

  it('gives old and new of what differs, and nothing else', () => {
    const after = {
      ...user,
      active: false,
      attributes: { displayName: 'B', name: { familyName: 'F', givenName: 'G' }, title: 'T' },
    };
    expect(describeUser(user, after)).toEqual({ active: [true, false], displayName: ['A', 'B'], title: [null, 'T'] });
    expect(describeUser(user, { ...user })).toEqual({});
  });

  it.each([
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [{ a: null }, {}, true],
    [null, undefined, true],
    ['1', 1, false],
    [{}, [], false],
  ])('%j and %j: %s', (left, right, expected) => {
    expect(sameJson(left, right)).toBe(expected);
  });
});
