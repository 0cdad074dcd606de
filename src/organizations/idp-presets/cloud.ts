import { line, MS_CLAIMS, set, WS_CLAIMS, type IdpPreset } from './idp-preset.js';

/** IdPs that are rented. */

export const entra: IdpPreset = {
  title: 'Microsoft Entra ID',
  saml: { wantSigned: 'assertion', loginHint: 'login_hint' },
  attributeMapping: {
    userName: [`${WS_CLAIMS}name`, 'Usual'],
    email: [`${WS_CLAIMS}emailaddress`, 'Usual'],
    externalId: [`${MS_CLAIMS}identity/claims/objectidentifier`],
    role: [`${MS_CLAIMS}ws/2008/06/identity/claims/role`],
    groups: [`${MS_CLAIMS}ws/2008/06/identity/claims/groups`],
  },
  metadata: {
    by: 'url',
    where: 'Single sign-on, SAML Certificates, App Federation Metadata Url',
    example:
      'https://login.microsoftonline.com/TENANT/federationmetadata/2007-06/federationmetadata.xml?appid=APPLICATION',
  },
  signs: 'the assertion, SHA-256',
  nameId: 'user.userprincipalname as emailAddress; people are better recognised by user.objectid as persistent',
  where:
    'Enterprise applications, New application, Create your own application (Integrate any other application); then Single sign-on, SAML, Basic SAML Configuration',
  paste: [
    line('Identifier (Entity ID)', 'entityId'),
    line('Reply URL (Assertion Consumer Service URL)', 'acsUrl'),
    line('Sign on URL (Optional)', 'loginUrl'),
    line('Logout Url (Optional)', 'sloUrl'),
  ],
  attributes: [
    [
      `${MS_CLAIMS}ws/2008/06/identity/claims/groups`,
      'Attributes & Claims, Add a group claim, Groups assigned to the application',
    ],
    [`${MS_CLAIMS}ws/2008/06/identity/claims/role`, 'App roles of the application; sent by themselves'],
  ],
  scim: [line('Tenant URL', 'scimBaseUrl'), line('Secret Token', 'scimToken')],
  traps: [
    'The metadata address must have appid: without it, it is that of the directory, whose keys are not those of the application.',
    'Groups are object IDs. In more than 150 groups a person comes without any; memberships then stay as they are (event groups.overage).',
    'Signing Option "Sign SAML response" leaves the assertion unsigned: set wantSigned to response or either then. "Sign SAML response and assertion" works as it is.',
    'Signing Algorithm must be SHA-256; SHA-1 is refused.',
    'When the active certificate has expired, Entra may switch to another one by itself: use the metadata address, not an upload.',
    'Asking for an authentication context (requestedAuthnContext) fails people who signed in with Windows or several factors (AADSTS75011).',
    'Logout messages of Entra come by redirect only.',
    'Assertions are valid from the very second they are made: leave clockSkewSeconds at 120.',
  ],
};

export const okta: IdpPreset = {
  title: 'Okta',
  saml: { wantSigned: 'both', loginHint: 'login_hint' },
  attributeMapping: { groups: ['Usual'] },
  metadata: {
    by: 'url',
    where: 'Sign On, Metadata details, Metadata URL',
    example: 'https://YOUR-ORG.okta.com/app/exk.../sso/saml/metadata',
  },
  signs: 'the response and the assertion, SHA-256',
  nameId: 'Okta username, unspecified; choose Persistent to recognise people when they are renamed',
  where: 'Applications, Create App Integration, SAML 2.0, Configure SAML',
  paste: [
    line('Single sign-on URL', 'acsUrl'),
    set('Use this for Recipient URL and Destination URL', 'ticked'),
    line('Audience URI (SP Entity ID)', 'entityId'),
    set('Default RelayState', 'leave empty'),
    set('Response, Assertion Signature', 'Signed'),
    set('Assertion Encryption', 'Unencrypted, unless the connection has an encryption key'),
    set('Signature Certificate', 'our signing certificate, for single logout (`sp-key list`)'),
    line('Single Logout URL', 'sloUrl'),
    line('SP Issuer', 'entityId'),
  ],
  attributes: [
    ['email', 'user.email'],
    ['firstName', 'user.firstName'],
    ['lastName', 'user.lastName'],
    ['groups', 'Group Attribute Statements, with the filter you like'],
  ],
  scim: [
    line('SCIM connector base URL', 'scimBaseUrl'),
    set('Unique identifier field for users', 'userName'),
    line('Authorization (HTTP Header)', 'scimToken'),
  ],
  traps: [
    'Addresses with an underscore are refused by Okta.',
    'The groups attribute is left out for a person without groups; that is taken for "no groups" (whenGroupsAbsent).',
    'The tile on the dashboard starts at Okta: allow allowIdpInitiated, or make a bookmark app of the address where a sign-in begins and hide the tile.',
    'If you switch one of the two signatures off, set wantSigned to the other one or to either.',
    'A NameID format that is asked for (nameIdFormat) must be the one set at Okta; leave it at null.',
  ],
};

export const google: IdpPreset = {
  title: 'Google Workspace',
  saml: { wantSigned: 'assertion', loginHint: 'Email' },
  attributeMapping: { groups: ['Usual'] },
  metadata: { by: 'upload', where: 'Google Identity Provider details, Download metadata' },
  signs: 'the assertion, SHA-256',
  nameId: 'Basic Information > Primary email; set Name ID format to EMAIL',
  where: 'Apps, Web and mobile apps, Add app, Add custom SAML app',
  paste: [
    line('ACS URL', 'acsUrl'),
    line('Entity ID', 'entityId'),
    set('Start URL', 'leave empty'),
    set('Signed response', 'not ticked'),
    set('Name ID format', 'EMAIL'),
    set('Name ID', 'Basic Information > Primary email'),
  ],
  attributes: [
    ['email', 'Primary email'],
    ['firstName', 'First name'],
    ['lastName', 'Last name'],
    ['groups', 'Group membership (optional): the groups you select, 75 at most'],
  ],
  scim: [],
  traps: [
    'There is no single logout.',
    'There is no metadata address: upload again when the certificate is changed. The document ends on the day its certificate does (validUntil), after five years; operators are told fourteen days before.',
    '"Signed response" signs the response instead of the assertion: set wantSigned to response or either if you tick it.',
    'The entity ID of Google is that of your Workspace: all your applications have the same.',
    'A changed setting takes up to a day to reach everybody, usually minutes.',
    'Google pushes people over SCIM only to applications of its catalogue.',
  ],
};

export const jumpcloud: IdpPreset = {
  title: 'JumpCloud',
  saml: { wantSigned: 'assertion' },
  attributeMapping: { groups: ['Usual'] },
  metadata: { by: 'url', where: 'SSO, JumpCloud Metadata, Copy Metadata URL (or Export Metadata)' },
  signs: 'the assertion, SHA-256',
  nameId: 'email',
  where: 'SSO Applications, Add New Application, Custom Application, SSO with SAML',
  paste: [
    set('IdP Entity ID', 'an address of your own, for example https://sso.jumpcloud.com/YOUR-COMPANY'),
    line('SP Entity ID', 'entityId'),
    line('ACS URLs', 'acsUrl'),
    set('SAMLSubject NameID', 'email'),
    set('Signature Algorithm', 'RSA-SHA256'),
    set('Sign', 'Assertion'),
    set('Declare Redirect Endpoint', 'ticked'),
    line('Login URL', 'loginUrl'),
  ],
  attributes: [
    ['email', 'email'],
    ['firstName', 'firstname'],
    ['lastName', 'lastname'],
    ['groups', 'include group attribute, with this name'],
  ],
  scim: [line('Base URL', 'scimBaseUrl'), line('Token Key', 'scimToken')],
  traps: [
    'The IdP Entity ID is whatever somebody typed, often just "JumpCloud". That is fine here: a connection goes by its own address, not by that name.',
    'Activate the application, and assign a user group to it, before the metadata is exported: it has no certificate before.',
    'Without "Declare Redirect Endpoint" the metadata offers POST alone; that works as well.',
    'If you sign the response instead of the assertion, set wantSigned to response.',
  ],
};

export const onelogin: IdpPreset = {
  title: 'OneLogin',
  saml: { wantSigned: 'either' },
  attributeMapping: { groups: ['Usual'] },
  metadata: {
    by: 'url',
    where: 'SSO, Issuer URL (which is the metadata address as well)',
    example: 'https://app.onelogin.com/saml/metadata/...',
  },
  signs: 'the assertion or the response, as "SAML signature element" says',
  nameId: 'Email',
  where: 'Applications, Add App, SAML Custom Connector (Advanced), Configuration',
  paste: [
    line('Audience (EntityID)', 'entityId'),
    line('Recipient', 'acsUrl'),
    set('ACS (Consumer) URL Validator', '^ followed by the address below, with a backslash before each dot, and $'),
    line('ACS (Consumer) URL', 'acsUrl'),
    line('Single Logout URL', 'sloUrl'),
    line('Login URL', 'loginUrl'),
    set('SAML initiator', 'Service Provider'),
    set('SAML signature element', 'Both'),
    set('SSO, SAML Signature Algorithm', 'SHA-256'),
  ],
  attributes: [
    ['email', 'Email'],
    ['firstName', 'First Name'],
    ['lastName', 'Last Name'],
    ['groups', 'User Roles, or MemberOf with "Semicolon Delimited" off and "Multi-value parameter" on'],
  ],
  scim: [line('SCIM Base URL', 'scimBaseUrl'), line('SCIM Bearer Token', 'scimToken')],
  traps: [
    'SAML Signature Algorithm is SHA-1 unless somebody changes it (tab SSO): choose SHA-256, or sign-ins are refused with algorithm-not-allowed.',
    'Each parameter needs "Include in SAML assertion".',
    'The answers of OneLogin to a logout are not signed.',
  ],
};

export const auth0: IdpPreset = {
  title: 'Auth0',
  saml: { wantSigned: 'assertion' },
  attributeMapping: {
    userName: [`${WS_CLAIMS}upn`, `${WS_CLAIMS}emailaddress`, 'Usual'],
    groups: ['http://schemas.auth0.com/groups', 'groups'],
    role: ['http://schemas.auth0.com/roles', 'Usual'],
  },
  metadata: {
    by: 'url',
    where: 'Applications, the application, Addons, SAML2 Web App, Usage, Identity Provider Metadata',
    example: 'https://YOUR-TENANT.auth0.com/samlp/metadata/CLIENT-ID',
  },
  signs: 'the assertion, by SHA-1 unless the settings say otherwise',
  nameId: 'user_id, unspecified',
  where: 'Applications, the application, Addons, SAML2 Web App, Settings',
  paste: [
    line('Application Callback URL', 'acsUrl'),
    line('Settings: "audience"', 'entityId'),
    line('Settings: "recipient"', 'acsUrl'),
    line('Settings: "destination"', 'acsUrl'),
    line('Settings: "logout", "callback"', 'sloUrl'),
    set('Settings: "signatureAlgorithm"', 'rsa-sha256'),
    set('Settings: "digestAlgorithm"', 'sha256'),
  ],
  attributes: [
    [`${WS_CLAIMS}emailaddress`, 'email; sent by itself'],
    ['http://schemas.auth0.com/groups', 'groups of the profile, where an Action or an extension puts them'],
  ],
  scim: [],
  traps: [
    'The addon signs with SHA-1 unless "signatureAlgorithm" and "digestAlgorithm" are set: sign-ins are refused with algorithm-not-allowed.',
    '"signResponse": true signs the response instead of the assertion: set wantSigned to response or either then.',
    'Attributes of the profile may hold tokens of other IdPs. They are not logged here.',
  ],
};
