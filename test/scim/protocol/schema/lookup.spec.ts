import { GROUP, USER, userResourceType } from '../../../../src/scim/protocol/resource-types.js';
import { attribute, complex } from '../../../../src/scim/protocol/schema/define-attribute.js';
import { findAttribute, type CanonicalPath } from '../../../../src/scim/protocol/schema/lookup.js';
import type { AttributePath } from '../../../../src/scim/protocol/filter/filter.js';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../../src/scim/protocol/urns.js';

const found: [title: string, path: AttributePath, canonical: CanonicalPath][] = [
  ['a core attribute', { name: 'userName' }, { attribute: 'userName' }],
  ['any case (R-024)', { name: 'USERNAME' }, { attribute: 'userName' }],
  ['a sub-attribute', { name: 'NAME', subAttribute: 'familyname' }, { attribute: 'name', subAttribute: 'familyName' }],
  ['$ref', { name: 'groups', subAttribute: '$REF' }, { attribute: 'groups', subAttribute: '$ref' }],
  ['a common attribute', { name: 'meta', subAttribute: 'created' }, { attribute: 'meta', subAttribute: 'created' }],
  ['the core URN, any case', { schema: USER_SCHEMA.toUpperCase(), name: 'emails' }, { attribute: 'emails' }],
  ['a common attribute under the core URN', { schema: USER_SCHEMA, name: 'externalid' }, { attribute: 'externalId' }],
  [
    'an extension attribute under its URN',
    { schema: ENTERPRISE_USER_SCHEMA.toUpperCase(), name: 'Department' },
    { schema: ENTERPRISE_USER_SCHEMA, attribute: 'department' },
  ],
  [
    'a sub-attribute under its URN',
    { schema: ENTERPRISE_USER_SCHEMA, name: 'manager', subAttribute: 'VALUE' },
    { schema: ENTERPRISE_USER_SCHEMA, attribute: 'manager', subAttribute: 'value' },
  ],
  ['a bare name of one extension', { name: 'Manager' }, { schema: ENTERPRISE_USER_SCHEMA, attribute: 'manager' }],
  ['a bare extension URN', { schema: ENTERPRISE_USER_SCHEMA, name: '' }, { attribute: ENTERPRISE_USER_SCHEMA }],
  [
    'a bare extension URN split at its last colon',
    { schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0', name: 'user' },
    { attribute: ENTERPRISE_USER_SCHEMA },
  ],
  ['a bare extension URN as a name', { name: ENTERPRISE_USER_SCHEMA }, { attribute: ENTERPRISE_USER_SCHEMA }],
];

const missing: [title: string, path: AttributePath][] = [
  ['an unknown name', { name: 'shoeSize' }],
  ['an unknown sub-attribute', { name: 'name', subAttribute: 'value' }],
  ['a sub-attribute of a simple attribute', { name: 'userName', subAttribute: 'value' }],
  ['a prototype key (R-202)', { name: '__proto__' }],
  ['constructor (R-202)', { name: 'constructor', subAttribute: 'prototype' }],
  ['a prototype key as sub-attribute (R-202)', { name: 'name', subAttribute: '__proto__' }],
  ['a prototype key as URN (R-202)', { schema: '__proto__', name: 'userName' }],
  ['an empty name', { name: '' }],
  ['an unknown URN', { schema: 'urn:example:none', name: 'userName' }],
  ["another type's URN", { schema: GROUP_SCHEMA, name: 'displayName' }],
  ['a core attribute under an extension', { schema: ENTERPRISE_USER_SCHEMA, name: 'userName' }],
  ['an extension attribute under the core', { schema: USER_SCHEMA, name: 'department' }],
  ['a bare core URN', { schema: USER_SCHEMA, name: '' }],
  ['a bare extension URN with a sub-attribute', { schema: ENTERPRISE_USER_SCHEMA, name: '', subAttribute: 'x' }],
];

describe('findAttribute', () => {
  it.each(found)('finds %s', (_title, path, canonical) => {
    expect(findAttribute(USER, path)?.path).toEqual(canonical);
  });

  it.each(missing)('finds nothing for %s', (_title, path) => {
    expect(findAttribute(USER, path)).toBeUndefined();
  });

  it('hands over the definitions', () => {
    const resolved = findAttribute(USER, { name: 'emails', subAttribute: 'type' });
    expect(resolved?.attribute).toMatchObject({ name: 'emails', multiValued: true });
    expect(resolved?.subAttribute).toMatchObject({ name: 'type', canonicalValues: ['work', 'home', 'other'] });
    expect(resolved?.target).toBe(resolved?.subAttribute);
    expect(findAttribute(USER, { name: 'emails' })?.target.name).toBe('emails');
  });

  it('shows an extension as a complex attribute', () => {
    const resolved = findAttribute(USER, { schema: ENTERPRISE_USER_SCHEMA, name: '' });
    expect(resolved).toMatchObject({ isExtension: true, target: { type: 'complex', multiValued: false } });
    expect(resolved?.target.subAttributes?.map(({ name }) => name)).toContain('costCenter');
  });

  it('knows the members of groups, and no enterprise attributes there', () => {
    expect(findAttribute(GROUP, { name: 'members', subAttribute: 'value' })?.target.mutability).toBe('immutable');
    expect(findAttribute(GROUP, { name: 'department' })).toBeUndefined();
    expect(findAttribute(GROUP, { name: 'userName' })).toBeUndefined();
  });

  it('takes further extensions; an ambiguous bare name means none, and the core hides an extension', () => {
    const urn = 'urn:example:params:scim:schemas:extension:badge:1.0:User';
    const type = userResourceType([
      {
        id: urn,
        name: 'Badge',
        description: 'Badges',
        attributes: [
          attribute('badge', 'Badge'),
          attribute('department', 'Clash'),
          complex('name', 'Clash with the core', [attribute('nick', 'Nick')]),
          complex('manager', 'Clash', [attribute('grade', 'Grade')]),
        ],
      },
    ]);
    expect(findAttribute(type, { name: 'badge' })?.path).toEqual({ schema: urn, attribute: 'badge' });
    expect(findAttribute(type, { name: 'department' })).toBeUndefined();
    expect(findAttribute(type, { name: 'manager', subAttribute: 'grade' })).toBeUndefined();
    expect(findAttribute(type, { name: 'name', subAttribute: 'nick' })).toBeUndefined();
    expect(findAttribute(type, { schema: urn.toUpperCase(), name: 'Department' })?.path.schema).toBe(urn);
    expect(findAttribute(USER, { name: 'badge' })).toBeUndefined();
  });
});
