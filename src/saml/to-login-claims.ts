import type { AttributeMapping } from '../organizations/connection.js';
import type { AssertedGroups, LoginClaims } from '../reconciliation/changes.js';
import type { NameId } from './protocol/read-name-id.js';
import type { SamlAttributes } from './protocol/read-attributes.js';

/**
 * A verified assertion read through a connection's attribute mapping. A field without names of its own takes the usual names of the
 * known IdPs, so that most connections need no mapping at all; groups are only read where the connection maps them, because reading
 * them takes memberships away.
 */
export function toLoginClaims(
  assertion: { readonly nameId: NameId; readonly attributes: SamlAttributes },
  mapping: AttributeMapping,
): LoginClaims {
  const { nameId, attributes } = assertion;
  const namesOf = (field: Field): readonly string[] => (mapping[field]?.length ? mapping[field] : USUAL_NAMES[field]);
  const first = (field: Field): string | undefined => {
    for (const name of namesOf(field)) {
      const value = name === NAME_ID ? nameId.value : findAttribute(attributes, name)?.values[0];
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
  const email = [first('email'), isEmail(nameId.value) ? nameId.value : undefined].find(
    (value) => value !== undefined && isEmail(value),
  );
  const userName = first('userName') ?? email;
  return {
    subject: { format: nameId.format, nameQualifier: nameId.nameQualifier, value: nameId.value },
    ...definedOf({
      userName,
      email,
      givenName: first('givenName'),
      familyName: first('familyName'),
      displayName: first('displayName') ?? joined(first('givenName'), first('familyName')),
      externalId: first('externalId'),
    }),
    roles: namesOf('role').flatMap((name) => findAttribute(attributes, name)?.values ?? []),
    groups: groupsOf(attributes, mapping.groups ?? []),
    missing:
      userName === undefined ? [{ field: 'userName', lookedFor: [...namesOf('userName'), ...namesOf('email')] }] : [],
  };
}

type Field = Exclude<keyof AttributeMapping, 'groups'>;

/** Stands for the subject's name in a mapping. */
const NAME_ID = 'NameID';
const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MS = 'http://schemas.microsoft.com/';

/** Entra ID and AD FS claims, the names people type at Okta, OneLogin, Google and JumpCloud, and eduPerson's OIDs. */
const USUAL_NAMES: Readonly<Record<Field, readonly string[]>> = {
  userName: [
    'userName',
    'username',
    'login',
    `${WS}name`,
    `${WS}upn`,
    'uid',
    'urn:oid:0.9.2342.19200300.100.1.1',
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
  ],
  email: ['email', 'mail', 'emailAddress', 'Email', `${WS}emailaddress`, 'urn:oid:0.9.2342.19200300.100.1.3'],
  givenName: ['givenName', 'firstName', 'first_name', 'FirstName', `${WS}givenname`, 'urn:oid:2.5.4.42'],
  familyName: ['familyName', 'lastName', 'last_name', 'LastName', 'sn', 'surname', `${WS}surname`, 'urn:oid:2.5.4.4'],
  displayName: ['displayName', 'display_name', `${MS}identity/claims/displayname`, 'urn:oid:2.16.840.1.113730.3.1.241'],
  externalId: [`${MS}identity/claims/objectidentifier`, 'externalId'],
  role: ['role', 'Role', 'roles', `${MS}ws/2008/06/identity/claims/role`],
};

/** Entra leaves the groups of a person with more than 150 out and puts a link in their place. */
const OVERAGE = [`${MS}claims/groups.link`, '_claim_names'];

function groupsOf(attributes: SamlAttributes, names: readonly string[]): AssertedGroups {
  if (names.length === 0) return { kind: 'unmapped' };
  if (OVERAGE.some((name) => attributes.has(name))) return { kind: 'overage' };
  const found = names.flatMap((name) => findAttribute(attributes, name) ?? []);
  if (found.length === 0) return { kind: 'absent' };
  return { kind: 'listed', values: [...new Set(found.flatMap(({ values }) => values))] };
}

/** By Name, or else by FriendlyName. */
function findAttribute(attributes: SamlAttributes, name: string) {
  return attributes.get(name) ?? [...attributes.values()].find(({ friendlyName }) => friendlyName === name);
}

/** Looks like one address: what a domain can be taken from. */
const isEmail = (text: string): boolean => /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(text);

const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter(Boolean).join(' ') || undefined;

function definedOf<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
