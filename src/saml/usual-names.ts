import type { AttributeMapping } from '../organizations/connection.js';

/**
 * Under which names the known IdPs send what a person is made of. A field that the connection does not map is looked for under these,
 * in this order. Names without a colon are what administrators type at Okta, Google, OneLogin, JumpCloud, Ping and the like: upper and
 * lower case, spaces and the signs between words make no difference there (`first_name`, `First Name`, `User.FirstName`).
 */

export type Field = keyof AttributeMapping;

/** In a mapping: the subject's name. */
export const NAME_ID = 'NameID';
/** In a mapping: the usual names of the field. */
export const USUAL = 'Usual';

const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const WS_ADFS1 = 'http://schemas.xmlsoap.org/claims/';
const MS_CLAIMS = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/';
const MS_IDENTITY = 'http://schemas.microsoft.com/identity/claims/';
const OID = 'urn:oid:';
const MACE = 'urn:mace:dir:attribute-def:';
const SUBJECT = 'urn:oasis:names:tc:SAML:attribute:';

/**
 * Entra ID sends the user name under it, Auth0 and others the full name. With spaces in it, it is a full name and no user name;
 * without, the other way round.
 */
export const AMBIGUOUS: ReadonlySet<string> = new Set([`${WS}name`, 'name']);

export const USUAL_NAMES: Readonly<Record<Field, readonly string[]>> = {
  userName: [
    'userName',
    'login',
    'user.login',
    'user.userName',
    'userPrincipalName',
    'upn',
    `${WS}upn`,
    `${WS_ADFS1}UPN`,
    `${WS}name`,
    // eduPersonPrincipalName: at universities, which release it to everybody or not at all.
    `${OID}1.3.6.1.4.1.5923.1.1.1.6`,
    `${MACE}eduPersonPrincipalName`,
    'eduPersonPrincipalName',
    `${SUBJECT}subject-id`,
    'uid',
    `${OID}0.9.2342.19200300.100.1.1`,
    `${MACE}uid`,
    'sAMAccountName',
    `${MS_CLAIMS}windowsaccountname`,
  ],
  email: [
    'email',
    'mail',
    'emailAddress',
    'user.email',
    'primaryEmail',
    `${WS}emailaddress`,
    `${WS_ADFS1}EmailAddress`,
    `${OID}0.9.2342.19200300.100.1.3`,
    // PKCS#9 emailAddress, as Keycloak's X.500 mappers name it.
    `${OID}1.2.840.113549.1.9.1`,
    `${MACE}mail`,
  ],
  givenName: [
    'givenName',
    'firstName',
    'user.firstName',
    'fname',
    `${WS}givenname`,
    `${OID}2.5.4.42`,
    `${MACE}givenName`,
  ],
  familyName: [
    'familyName',
    'lastName',
    'user.lastName',
    'lname',
    'surname',
    'sn',
    `${WS}surname`,
    `${OID}2.5.4.4`,
    `${MACE}sn`,
  ],
  displayName: [
    'displayName',
    'user.displayName',
    'fullName',
    `${MS_IDENTITY}displayname`,
    `${WS_ADFS1}CommonName`,
    `${OID}2.16.840.1.113730.3.1.241`,
    `${MACE}displayName`,
    `${WS}name`,
    'name',
    'cn',
    `${OID}2.5.4.3`,
    `${MACE}cn`,
  ],
  externalId: [`${MS_IDENTITY}objectidentifier`, 'externalId', `${SUBJECT}subject-id`, `${SUBJECT}pairwise-id`],
  role: ['role', 'roles', 'user.role', 'user.roles', `${MS_CLAIMS}role`],
  /** Not read by themselves: reading groups takes memberships away, and somebody has to want that. */
  groups: [
    'groups',
    'group',
    'memberOf',
    'isMemberOf',
    'member',
    'user.memberOf',
    `${MS_CLAIMS}groups`,
    `${WS_ADFS1}Group`,
    `${OID}1.3.6.1.4.1.5923.1.5.1.1`,
    'http://schemas.auth0.com/groups',
  ],
};

/** Entra ID leaves the groups of a person with more than 150 out and puts a link in their place. */
export const OVERAGE: readonly string[] = ['http://schemas.microsoft.com/claims/groups.link', '_claim_names'];

/** Usual names are the same name when these are equal. */
export const nameKeyOf = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.includes(':') ? lower : lower.replace(/[\s._-]/g, '');
};
