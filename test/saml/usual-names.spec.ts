import { readFileSync } from 'node:fs';
import type { AttributeMapping } from '../../src/organizations/connection.js';
import { toNameId, type NameId } from '../../src/saml/protocol/read-name-id.js';
import { readFields } from '../../src/saml/read-fields.js';
import { toLoginClaims } from '../../src/saml/to-login-claims.js';
import { USUAL_NAMES } from '../../src/saml/usual-names.js';
import { attributesIn, MS_GROUPS, STATEMENTS } from './attribute-statements.js';

const PERSISTENT = toNameId('opaque-1', 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent') as NameId;
const NAME = { givenName: 'Ada', familyName: 'Lovelace' };
const groupsIn = (name: string): AttributeMapping => ({ groups: [name] });
const listed = (...values: string[]) => ({ kind: 'listed', values });

const claimsOf = (statement: string, mapping: AttributeMapping = {}, nameId = PERSISTENT) =>
  toLoginClaims({ nameId, attributes: attributesIn(statement) }, mapping);

describe('what the known IdPs send is recognised without a mapping, and their groups by the one name that is mapped', () => {
  it.each<[keyof typeof STATEMENTS, AttributeMapping, object]>([
    [
      'entra',
      groupsIn(MS_GROUPS),
      {
        userName: 'ada.l@contoso.onmicrosoft.com',
        email: 'ada@contoso.com',
        ...NAME,
        displayName: 'Ada King',
        externalId: '6f9d0b2c-8f55-4e58-9f0a-0f3f2d6f5f01',
        roles: ['Admin'],
        groups: listed('0a1b2c3d-0000-4000-8000-000000000001', '0a1b2c3d-0000-4000-8000-000000000002'),
      },
    ],
    [
      'okta',
      groupsIn('groups'),
      {
        userName: 'ada@example.com',
        email: 'ada@example.com',
        ...NAME,
        displayName: 'Ada Lovelace',
        groups: listed('Everyone', 'Engineering'),
      },
    ],
    ['oktaLogin', {}, { userName: 'ada@corp.example.com', email: 'ada@example.com', ...NAME, displayName: 'Ada King' }],
    [
      'google',
      groupsIn('Groups'),
      { userName: 'ada@example.com', ...NAME, displayName: 'Ada Lovelace', groups: listed('Engineering') },
    ],
    [
      'jumpcloud',
      groupsIn('memberOf'),
      { userName: 'ada', email: 'ada@example.com', ...NAME, groups: listed('Engineering', 'All users') },
    ],
    ['onelogin', groupsIn('memberOf'), { userName: 'ada@example.com', ...NAME, groups: listed('Engineering') }],
    [
      'adfs',
      groupsIn('http://schemas.xmlsoap.org/claims/Group'),
      {
        userName: 'ada@corp.example.com',
        email: 'ada@example.com',
        ...NAME,
        displayName: 'Ada King',
        roles: ['Admin'],
        groups: listed('Domain Users', 'Engineering'),
      },
    ],
    ['ping', groupsIn('memberOf'), { userName: 'ada@example.com', ...NAME, groups: listed('Engineering') }],
    ['auth0', {}, { userName: 'ada@example.com', email: 'ada@example.com', ...NAME, displayName: 'Ada King' }],
    [
      'keycloak',
      {},
      {
        userName: 'ada@example.com',
        email: 'ada@example.com',
        ...NAME,
        roles: ['admin', 'offline_access', 'uma_authorization'],
        groups: { kind: 'unmapped' },
      },
    ],
    [
      'shibboleth',
      groupsIn('isMemberOf'),
      {
        userName: 'ada@example.edu',
        email: 'ada@uni.example.edu',
        ...NAME,
        displayName: 'Ada King',
        externalId: '9f2c7a@example.edu',
        roles: [],
        groups: listed('urn:example:engineering'),
      },
    ],
    [
      'simplesamlphp',
      groupsIn('groups'),
      { userName: 'ada', email: 'ada@example.com', ...NAME, displayName: 'Ada King', groups: listed('Engineering') },
    ],
    [
      'simplesamlphpMace',
      {},
      { userName: 'ada@example.edu', email: 'ada@uni.example.edu', ...NAME, displayName: 'Ada King' },
    ],
  ])('%s', (idp, mapping, expected) => {
    expect(claimsOf(STATEMENTS[idp], mapping)).toMatchObject({ ...expected, missing: [] });
  });

  it('a pseudonym is an id and no user name: what is missing is said', () => {
    const claims = claimsOf(STATEMENTS.shibbolethPseudonymous);
    expect(claims).toMatchObject({ externalId: 'HA2TKNZZGE2TOBDC@example.edu', missing: [{ field: 'userName' }] });
    expect(claims.userName).toBeUndefined();
    expect(claimsOf(STATEMENTS.shibbolethPseudonymous, { userName: ['NameID'] }).userName).toBe('opaque-1');
  });

  it('a name with spaces is a full name, one without is a user name', () => {
    const name = (value: string) =>
      claimsOf(
        `<Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"><AttributeValue>${value}</AttributeValue></Attribute>`,
      );
    expect(name('Ada King')).toMatchObject({ displayName: 'Ada King', missing: [{ field: 'userName' }] });
    expect(name('ada@contoso.com')).toMatchObject({ userName: 'ada@contoso.com', missing: [] });
    expect(name('ada@contoso.com').displayName).toBeUndefined();
  });

  it('#24 the Role attributes of Keycloak, one for each role, are one list', () => {
    const { attributes } = { attributes: attributesIn(STATEMENTS.keycloak) };
    expect(attributes.get('Role')?.values).toEqual(['admin', 'offline_access', 'uma_authorization']);
    expect(claimsOf(STATEMENTS.keycloak).roles).toEqual(['admin', 'offline_access', 'uma_authorization']);
  });

  it('attributes of one name are one, in one statement or several', () => {
    const one = (value: string) => `<Attribute Name="groups"><AttributeValue>${value}</AttributeValue></Attribute>`;
    const attributes = attributesIn(one('a') + one('b'), one('b') + one('c'));
    expect(toLoginClaims({ nameId: PERSISTENT, attributes }, groupsIn('groups')).groups).toEqual(listed('a', 'b', 'c'));
  });

  it.each<[string, string, AttributeMapping, object]>([
    ['not mapped', STATEMENTS.okta, {}, { kind: 'unmapped' }],
    ['not mapped, and too many to be sent', STATEMENTS.entraOverage, {}, { kind: 'unmapped' }],
    ['too many to be sent', STATEMENTS.entraOverage, groupsIn(MS_GROUPS), { kind: 'overage' }],
    ['a link beside groups', STATEMENTS.entraOverage + STATEMENTS.entra, groupsIn(MS_GROUPS), { kind: 'overage' }],
    ['mapped and not there', STATEMENTS.keycloak, groupsIn('groups'), { kind: 'absent' }],
    ['there and empty', '<Attribute Name="groups"/>', groupsIn('groups'), listed()],
    [
      'there and nil',
      '<Attribute Name="groups"><AttributeValue xsi:nil="true"/></Attribute>',
      groupsIn('groups'),
      listed(),
    ],
    ['one', STATEMENTS.google, groupsIn('Groups'), listed('Engineering')],
    ['by the usual names', STATEMENTS.onelogin, groupsIn('Usual'), listed('Engineering')],
    ['by a friendly name', STATEMENTS.shibboleth, groupsIn('isMemberOf'), listed('urn:example:engineering')],
    ['a mapped name is meant exactly', STATEMENTS.jumpcloud, groupsIn('memberof'), { kind: 'absent' }],
  ])('groups: %s', (_what, statement, mapping, expected) => {
    expect(claimsOf(statement, mapping).groups).toEqual(expected);
  });
});

describe('readings', () => {
  it('say which attribute each field came from', () => {
    const attributes = attributesIn(STATEMENTS.google);
    const fields = readFields({ nameId: PERSISTENT, attributes }, { givenName: ['Nickname', 'Usual'] });
    expect(fields.givenName).toMatchObject({ mapped: true, foundIn: ['First Name'], values: ['Ada'] });
    expect(fields.givenName.lookedFor.slice(0, 2)).toEqual(['Nickname', 'givenName']);
    expect(fields.userName).toMatchObject({ mapped: false, foundIn: ['Primary email'] });
    expect(fields.displayName).toMatchObject({ foundIn: ['First Name', 'Last Name'], values: ['Ada Lovelace'] });
    expect(fields.externalId).toMatchObject({ foundIn: [], values: [] });
    // Not synchronised, but an operator is told where groups would be.
    expect(fields.groups).toMatchObject({ mapped: false, foundIn: ['Groups'], values: ['Engineering'] });
  });

  it('an e-mail is the first value that is one', () => {
    const mail = (...values: string[]) =>
      `<Attribute Name="mail">${values.map((each) => `<AttributeValue>${each}</AttributeValue>`).join('')}</Attribute>`;
    expect(claimsOf(mail('none', 'ada@example.com', 'b@example.com')).email).toBe('ada@example.com');
    const byNameId = claimsOf(mail('none'), {}, toNameId('ada@example.com') as NameId);
    expect(byNameId).toMatchObject({ userName: 'ada@example.com', email: 'ada@example.com' });
  });
});

it('the page for operators names every usual name, field by field', () => {
  const page = readFileSync('docs/sign-in-attributes.md', 'utf8');
  const rows = Object.entries(USUAL_NAMES).map(
    ([field, names]) => `| \`${field}\` | ${names.map((name) => `\`${name}\``).join(', ')} |`,
  );
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});
