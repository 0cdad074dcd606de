import type { HintText } from './hint-texts.js';

const SEND_ATTRIBUTES: HintText['at'] = {
  entra: 'Single sign-on, Attributes & Claims, Add new claim.',
  okta: 'SAML Settings, Attribute Statements: email = user.email, firstName = user.firstName, lastName = user.lastName.',
  google: 'SAML attribute mapping: Primary email to email, First name to firstName, Last name to lastName.',
  jumpcloud: 'SSO, Attributes, User Attribute Mapping: email, firstname, lastname, username.',
  onelogin: 'Parameters: add a field, with Include in SAML assertion ticked.',
  adfs: 'Edit Claim Issuance Policy: Send LDAP Attributes as Claims, E-Mail-Addresses to E-Mail Address.',
  ping: 'Attribute Mappings: email, given_name, family_name.',
  auth0: 'Addons, SAML2 Web App, Settings: "mappings".',
  keycloak: 'The client, Client scopes, the dedicated one, Add mapper: X500 email, X500 givenName, X500 surname.',
  shibboleth: 'conf/attribute-filter.xml: release mail, givenName, sn and eduPersonPrincipalName to this service.',
  simplesamlphp: "metadata/saml20-sp-remote.php: 'attributes' must name mail, givenName, sn.",
};

/** By machine reason of a decision: the assertion was good. */
export const DECISION_HINTS: Readonly<Record<string, HintText>> = {
  'connection-disabled': { text: 'The connection is disabled: connection enable.' },
  'connection-without-idp': { text: 'The connection knows no IdP yet: connection configure-saml.' },
  'idp-metadata-expired': {
    text: 'What is known of the IdP has expired (validUntil of its metadata). Give the connection its present metadata.',
  },
  'connection-unusable': {
    text: 'The SAML settings of the connection cannot be used, mostly a certificate that is none. Give it the metadata of the IdP (connection configure-saml).',
  },
  'internal-error': { text: 'The fault is on this side. The log has it, under the same code.' },
  'attribute-missing': {
    text: 'The assertion has neither a user name nor an e-mail address under a name that is looked for. Let the IdP send one, or map what it sends (connection update, attributeMapping); NameID is the subject.',
    at: SEND_ATTRIBUTES,
  },
  'identity-conflict': {
    text: 'Somebody of this user name or e-mail address signs in with another NameID of the same connection. Either the address was given to a new person, who needs another, or the IdP changed what it sends as NameID.',
  },
  'logged-out': {
    text: 'The IdP has signed the person out while they were signing in (single logout). Begin again.',
  },
  ambiguous: { text: 'Several people match. Make userName or externalId tell them apart (user list).' },
  deprovisioned: {
    text: 'The provisioning client has deleted this person. Assign them again at the IdP, which creates them anew.',
  },
  deactivated: {
    text: 'The person is deactivated, and signing in never revives anyone. Reactivate them where they are managed: by the provisioning client, or with user update.',
  },
  'account-not-linked': {
    text: 'Somebody of this name or address was made by hand, and this connection may not take them over. Verify the domain (domain verify) and allow linkManualUsers, or link them by hand.',
  },
  'domain-not-allowed': {
    text: 'The e-mail address is of a domain that another organization owns, or that is not among allowedDomains of the connection.',
  },
  'not-provisioned': {
    text: 'Nobody here is this person, and a sign-in may not create them: people come by SCIM (requireScim), or sign-ins create nobody (jit off). Assign the person at the IdP so that they are provisioned, or change the connection.',
    at: {
      entra: 'Provisioning: Provision on demand brings one person at once; the cycle takes up to 40 minutes.',
      okta: 'Assignments: assign the person; Provisioning, To App: Create Users.',
    },
  },
};

/** Where groups are sent. */
export const GROUP_HINTS: HintText = {
  text: 'The assertion has no groups under the mapped names. An IdP may leave them out for a person without groups.',
  at: {
    entra: 'Attributes & Claims, Add a group claim: Groups assigned to the application.',
    okta: 'Group Attribute Statements: a name and a filter.',
    google: 'SAML attribute mapping, Group membership: choose groups, App attribute.',
    jumpcloud: 'SSO, Group Attributes: Include group attribute.',
    onelogin: 'Parameters: a field with MemberOf or User Roles, multi-value, Include in SAML assertion.',
    adfs: 'Edit Claim Issuance Policy: Token-Groups - Unqualified Names to Group.',
    keycloak: 'The dedicated client scope, Add mapper: Group list.',
    shibboleth: 'conf/attribute-filter.xml: release isMemberOf.',
  },
};

export const OVERAGE_HINT: HintText = {
  text: 'The IdP had more groups than it sends, and sent a link instead: memberships stay as they are.',
  at: { entra: 'Attributes & Claims, Group Claims: Groups assigned to the application, so that fewer are sent.' },
};
