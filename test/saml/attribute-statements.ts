import { readAttributes, type SamlAttributes } from '../../src/saml/protocol/read-attributes.js';
import { NS } from '../../src/saml/protocol/names.js';
import { parseXml } from '../../src/saml/protocol/xml.js';

/** Attribute statements in the words of the IdPs: names, name formats, friendly names and value types as each of them writes them. */

const XMLNS = `xmlns="${NS.assertion}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;

/** The attributes of one or more statements. */
export function attributesIn(...statements: readonly string[]): SamlAttributes {
  const roots = statements.map((inner) => {
    const root = parseXml(`<AttributeStatement ${XMLNS}>${inner}</AttributeStatement>`);
    if (!root) throw new Error('The statement is not well-formed');
    return root;
  });
  return readAttributes(roots);
}

type Entry = readonly [name: string, ...values: string[]];

const FORMATS = {
  none: '',
  basic: ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"',
  unspecified: ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"',
  uri: ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"',
};

const statement = (format: keyof typeof FORMATS, entries: readonly Entry[], type = ''): string =>
  entries.map(([name, ...values]) => attribute(`${FORMATS[format]}`, name, values, type)).join('');

const attribute = (rest: string, name: string, values: readonly string[], type = ''): string =>
  `<Attribute Name="${name}"${rest}>${values.map((each) => `<AttributeValue${type}>${each}</AttributeValue>`).join('')}</Attribute>`;

/** `[Name, FriendlyName, ...values]`, as Shibboleth writes them. */
const friendly = (entries: readonly (readonly [string, string, ...string[]])[]): string =>
  entries.map(([name, short, ...values]) => attribute(`${FORMATS.uri} FriendlyName="${short}"`, name, values)).join('');

const STRING = ' xsi:type="xs:string"';
const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
export const MS_GROUPS = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups';
const MS = 'http://schemas.microsoft.com/';

const ENTRA_PERSON: readonly Entry[] = [
  [`${MS}identity/claims/tenantid`, '11111111-2222-3333-4444-555555555555'],
  [`${MS}identity/claims/objectidentifier`, '6f9d0b2c-8f55-4e58-9f0a-0f3f2d6f5f01'],
  [`${MS}identity/claims/displayname`, 'Ada King'],
  [`${MS}identity/claims/identityprovider`, 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/'],
  [
    `${MS}claims/authnmethodsreferences`,
    `${MS}ws/2008/06/identity/authenticationmethod/password`,
    `${MS}claims/multipleauthn`,
  ],
  [`${WS}givenname`, 'Ada'],
  [`${WS}surname`, 'Lovelace'],
  [`${WS}emailaddress`, 'ada@contoso.com'],
  [`${WS}name`, 'ada.l@contoso.onmicrosoft.com'],
];

export const STATEMENTS = {
  entra: statement('none', [
    ...ENTRA_PERSON,
    [MS_GROUPS, '0a1b2c3d-0000-4000-8000-000000000001', '0a1b2c3d-0000-4000-8000-000000000002'],
    [`${MS}ws/2008/06/identity/claims/role`, 'Admin'],
  ]),
  entraOverage: statement('none', [
    ...ENTRA_PERSON,
    [
      `${MS}claims/groups.link`,
      'https://graph.windows.net/11111111-2222-3333-4444-555555555555/users/6f9d0b2c/getMemberObjects',
    ],
  ]),
  okta: statement(
    'unspecified',
    [
      ['email', 'ada@example.com'],
      ['firstName', 'Ada'],
      ['lastName', 'Lovelace'],
      ['groups', 'Everyone', 'Engineering'],
    ],
    STRING,
  ),
  oktaLogin: statement('basic', [
    ['user.login', 'ada@corp.example.com'],
    ['user.email', 'ada@example.com'],
    ['user.firstName', 'Ada'],
    ['user.lastName', 'Lovelace'],
    ['user.displayName', 'Ada King'],
  ]),
  /** One group: one value, like any other attribute. */
  google: statement(
    'none',
    [
      ['First Name', 'Ada'],
      ['Last Name', 'Lovelace'],
      ['Primary email', 'ada@example.com'],
      ['Groups', 'Engineering'],
    ],
    ' xsi:type="xs:anyType"',
  ),
  jumpcloud: statement(
    'unspecified',
    [
      ['email', 'ada@example.com'],
      ['firstname', 'Ada'],
      ['lastname', 'Lovelace'],
      ['username', 'ada'],
      ['memberOf', 'Engineering', 'All users'],
    ],
    STRING,
  ),
  onelogin: statement(
    'basic',
    [
      ['User.email', 'ada@example.com'],
      ['User.FirstName', 'Ada'],
      ['User.LastName', 'Lovelace'],
      ['PersonImmutableID'],
      ['memberOf', 'Engineering'],
    ],
    STRING,
  ),
  adfs: statement('none', [
    [`${WS}upn`, 'ada@corp.example.com'],
    [`${WS}name`, 'CORP\\ada'],
    [`${WS}emailaddress`, 'ada@example.com'],
    [`${WS}givenname`, 'Ada'],
    [`${WS}surname`, 'Lovelace'],
    ['http://schemas.xmlsoap.org/claims/CommonName', 'Ada King'],
    ['http://schemas.xmlsoap.org/claims/Group', 'Domain Users', 'Engineering'],
    [`${MS}ws/2008/06/identity/claims/role`, 'Admin'],
  ]),
  ping: statement(
    'basic',
    [
      ['email', 'ada@example.com'],
      ['given_name', 'Ada'],
      ['family_name', 'Lovelace'],
      ['preferred-name', 'Ada'],
      ['memberOf', 'Engineering'],
    ],
    STRING,
  ),
  auth0: statement(
    'uri',
    [
      [`${WS}nameidentifier`, 'auth0|64f0'],
      [`${WS}emailaddress`, 'ada@example.com'],
      [`${WS}name`, 'Ada King'],
      [`${WS}givenname`, 'Ada'],
      [`${WS}surname`, 'Lovelace'],
      ['http://schemas.auth0.com/identities/default/access_token', 'eyJhbGciOiJkaXIi.secret.secret'],
      ['http://schemas.auth0.com/email_verified', 'true'],
      ['http://schemas.auth0.com/nickname', 'ada'],
    ],
    STRING,
  ),
  keycloak:
    friendly([
      ['urn:oid:1.2.840.113549.1.9.1', 'email', 'ada@example.com'],
      ['urn:oid:2.5.4.42', 'givenName', 'Ada'],
      ['urn:oid:2.5.4.4', 'surname', 'Lovelace'],
    ]) +
    // One element a role, all of one name.
    statement(
      'basic',
      [
        ['Role', 'admin'],
        ['Role', 'offline_access'],
        ['Role', 'uma_authorization'],
      ],
      STRING,
    ),
  shibboleth: friendly([
    ['urn:oid:0.9.2342.19200300.100.1.1', 'uid', 'ada'],
    ['urn:oid:0.9.2342.19200300.100.1.3', 'mail', 'ada@uni.example.edu', 'a.lovelace@uni.example.edu'],
    ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'eduPersonPrincipalName', 'ada@example.edu'],
    ['urn:oasis:names:tc:SAML:attribute:subject-id', 'subject-id', '9f2c7a@example.edu'],
    ['urn:oid:1.3.6.1.4.1.5923.1.1.1.9', 'eduPersonScopedAffiliation', 'member@example.edu'],
    ['urn:oid:2.5.4.42', 'givenName', 'Ada'],
    ['urn:oid:2.5.4.4', 'sn', 'Lovelace'],
    ['urn:oid:2.16.840.1.113730.3.1.241', 'displayName', 'Ada King'],
    ['urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'isMemberOf', 'urn:example:engineering'],
  ]),
  /** The pseudonymous entity category: nobody's name. */
  shibbolethPseudonymous: friendly([
    ['urn:oasis:names:tc:SAML:attribute:pairwise-id', 'pairwise-id', 'HA2TKNZZGE2TOBDC@example.edu'],
    ['urn:oid:1.3.6.1.4.1.5923.1.1.1.9', 'eduPersonScopedAffiliation', 'member@example.edu'],
  ]),
  simplesamlphp: statement(
    'basic',
    [
      ['uid', 'ada'],
      ['mail', 'ada@example.com'],
      ['givenName', 'Ada'],
      ['sn', 'Lovelace'],
      ['cn', 'Ada King'],
      ['eduPersonAffiliation', 'member', 'staff'],
      ['groups', 'Engineering'],
    ],
    STRING,
  ),
  simplesamlphpMace: statement('uri', [
    ['urn:mace:dir:attribute-def:eduPersonPrincipalName', 'ada@example.edu'],
    ['urn:mace:dir:attribute-def:mail', 'ada@uni.example.edu'],
    ['urn:mace:dir:attribute-def:givenName', 'Ada'],
    ['urn:mace:dir:attribute-def:sn', 'Lovelace'],
    ['urn:mace:dir:attribute-def:displayName', 'Ada King'],
  ]),
} as const;

/** The attributes with the namespaces that they need anywhere. */
export const standingAlone = (statement: string): string =>
  statement.replaceAll('<Attribute Name', `<Attribute ${XMLNS} Name`);
