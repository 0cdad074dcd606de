import { extensionFaults } from '../../../../src/scim/protocol/schema/extension-fault.js';
import type { WrittenAttribute } from '../../../../src/scim/protocol/schema/extension.js';
import { isCredential } from '../../../../src/scim/protocol/schema/is-credential.js';
import { toExtension } from '../../../support/schemas.js';

const URN = 'urn:example:params:scim:hr:1.0:User';
const faults = (id: string, ...attributes: WrittenAttribute[]) => extensionFaults(toExtension(id, { attributes }));

describe('an extension schema', () => {
  it.each([
    URN,
    'urn:example:a',
    'urn:acme:hr:2.0',
    'urn:ietf:params:scim:schemas:extension:ble:2.0:Device',
    'URN:x-y:A_b$.c/d',
  ])('R-024: may be called %s', (urn) => {
    expect(faults(urn, { name: 'a' })).toEqual([]);
  });

  it.each([
    'hr',
    'urn:hr',
    'urn::hr',
    'urn:a:b c',
    'urn:a:b[c]',
    'urn:a:"b"',
    'urn:a:b:',
    `urn:a:${'b'.repeat(300)}`,
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'URN:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:User',
    'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  ])('R-183: may not be called %s', (urn) => {
    expect(faults(urn, { name: 'a' })).not.toEqual([]);
  });

  const reference = { type: 'reference', referenceTypes: ['uri'] } as const;
  it.each<[string, WrittenAttribute]>([
    ['every name of the grammar', { name: 'a-B_9$' }],
    ['a reference', { name: 'a', ...reference }],
    ['a unique number', { name: 'a', type: 'integer', uniqueness: 'global' }],
    [
      'a complex attribute',
      { name: 'a', type: 'complex', multiValued: true, subAttributes: [{ name: '$ref', ...reference }] },
    ],
    ['what is written only', { name: 'a', mutability: 'writeOnly', returned: 'never' }],
    ['suggested values', { name: 'a', canonicalValues: ['x'] }],
  ])('may have %s', (_what, attribute) => {
    expect(faults(URN, attribute)).toEqual([]);
  });

  it.each<[string, WrittenAttribute]>([
    ['a name that begins with a digit', { name: '1a' }],
    ['a name with a dot', { name: 'a.b' }],
    ['a name with a space', { name: 'a b' }],
    ['$ref at the top', { name: '$ref', ...reference }],
    ['a name that every object has', { name: 'constructor' }],
    ['__proto__', { name: '__proto__' }],
    ['a name without end', { name: 'a'.repeat(200) }],
    ['a password', { name: 'vpnPassword' }],
    ['a complex one without parts', { name: 'a', type: 'complex' }],
    ['parts of a simple one', { name: 'a', subAttributes: [{ name: 'b' }] }],
    [
      'a complex part',
      { name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex', subAttributes: [{ name: 'c' }] }] },
    ],
    ['a list as a part', { name: 'a', type: 'complex', subAttributes: [{ name: 'b', multiValued: true }] }],
    ['two parts of one name', { name: 'a', type: 'complex', subAttributes: [{ name: 'b' }, { name: 'B' }] }],
    ['a part called primary that is a text', { name: 'a', type: 'complex', subAttributes: [{ name: 'primary' }] }],
    ['a secret part', { name: 'a', type: 'complex', subAttributes: [{ name: 'api-key' }] }],
    ['a reference to nothing', { name: 'a', type: 'reference' }],
    ['reference types of a text', { name: 'a', referenceTypes: ['User'] }],
    ['suggested numbers', { name: 'a', type: 'integer', canonicalValues: ['1'] }],
    ['what is read only and required', { name: 'a', mutability: 'readOnly', required: true }],
    ['what is written only and shown', { name: 'a', mutability: 'writeOnly' }],
    ['a unique flag', { name: 'a', type: 'boolean', uniqueness: 'server' }],
    ['a unique secret', { name: 'a', returned: 'never', uniqueness: 'server' }],
  ])('may not have %s; the fault names it', (_what, attribute) => {
    const found = faults(URN, attribute);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(attribute.name.slice(0, 100));
  });

  it('tells all faults at once, and has bounds', () => {
    expect(faults('hr', { name: '1' }, { name: 'A' }, { name: 'a', type: 'complex' })).toHaveLength(4);
    expect(faults(URN)).toEqual(['it has no attributes']);
    expect(faults(URN, ...Array.from({ length: 101 }, (_, n) => ({ name: `a${n}` })))).toEqual([
      'it has more than 100 attributes',
    ]);
    const wordy = Array.from({ length: 80 }, (_, n) => ({ name: `a${n}`, description: 'x'.repeat(1000) }));
    expect(faults(URN, ...wordy)).toEqual(['it is larger than 64 kB']);
  });

  it.each([
    'password',
    'VPNPassword',
    'user_pwd',
    'clientSecret',
    'apiKey',
    'api-keys',
    'privatekey',
    'PIN',
    'doorPin',
    'accessToken',
    'totpSeed',
    'securityAnswer',
    'passphrase1',
  ])('%s is a credential', (name) => expect(isCredential(name)).toBe(true));
  it.each(['secretary', 'badge', 'pinned', 'tokenized', 'passenger', 'spinCount', 'compass', 'keyAccount', 'shopping'])(
    '%s is none',
    (name) => expect(isCredential(name)).toBe(false),
  );
});
