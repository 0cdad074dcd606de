import { line, set, WS_CLAIMS, type IdpPreset } from './idp-preset.js';

/** IdPs that people run themselves, or that come in both ways. */

export const adfs: IdpPreset = {
  title: 'AD FS',
  saml: { wantSigned: 'assertion' },
  attributeMapping: {
    userName: [`${WS_CLAIMS}upn`, 'Usual'],
    email: [`${WS_CLAIMS}emailaddress`, 'Usual'],
    groups: ['http://schemas.xmlsoap.org/claims/Group', `${WS_CLAIMS}Group`],
  },
  metadata: {
    by: 'url',
    where: 'the address every AD FS has; in your own network, name its host in FETCH_ALLOWED_HOSTS',
    example: 'https://ADFS-HOST/FederationMetadata/2007-06/FederationMetadata.xml',
  },
  signs: 'the assertion, SHA-256 (SamlResponseSignature AssertionOnly)',
  nameId: 'none, until a claim rule sends one',
  where:
    'AD FS Management, Relying Party Trusts, Add Relying Party Trust, Claims aware; by "Import data about the relying party published online", or by hand',
  paste: [
    line('Federation metadata address (host name or URL)', 'metadataUrl'),
    line('Relying party trust identifier', 'entityId'),
    line('Relying party SAML 2.0 SSO service URL', 'acsUrl'),
    line('Endpoints, Add SAML, SAML Logout, Trusted URL', 'sloUrl'),
    set('Advanced, Secure hash algorithm', 'SHA-256'),
  ],
  attributes: [
    ['Name ID', 'rule "Transform an Incoming Claim": UPN to Name ID, persistent; or objectGUID by a custom rule'],
    [`${WS_CLAIMS}upn`, 'rule "Send LDAP Attributes as Claims": User-Principal-Name to UPN'],
    [`${WS_CLAIMS}emailaddress`, 'E-Mail-Addresses to E-Mail Address'],
    [`${WS_CLAIMS}givenname`, 'Given-Name to Given Name'],
    [`${WS_CLAIMS}surname`, 'Surname to Surname'],
    ['http://schemas.xmlsoap.org/claims/Group', 'Token-Groups - Unqualified Names to Group'],
  ],
  scim: [],
  traps: [
    'Without a claim rule for Name ID every sign-in is refused (subject-missing), and with nameIdFormat set AD FS fails by itself (MSIS7070).',
    'Once a year AD FS makes a new certificate twenty days before the old one ends, publishes it and signs with it five days later: use the metadata address.',
    'AD FS encrypts assertions as soon as our metadata names an encryption key (`sp-key create`).',
    'Logout messages must be signed: without our certificate (tab Signature, or our metadata) AD FS refuses ours (MSIS7084).',
    'Its entity ID begins with http://; that is a name and no address.',
    'Asking for an authentication context fails people who signed in with Windows (MSIS7102).',
  ],
};

export const ping: IdpPreset = {
  title: 'PingOne and PingFederate',
  saml: { wantSigned: 'assertion' },
  attributeMapping: { groups: ['Usual'] },
  metadata: {
    by: 'url',
    where:
      'PingOne: the application, Configuration, IDP Metadata URL. PingFederate: the SP connection, Export Metadata',
    example: 'https://auth.pingone.com/ENVIRONMENT/saml20/metadata/APPLICATION',
  },
  signs: 'the assertion, RSA_SHA256',
  nameId: 'saml_subject: User ID',
  where:
    'Applications, Add application, SAML Application, Configure; by "Import from URL" with our metadata address, or "Manually Enter"',
  paste: [
    line('Import from URL', 'metadataUrl'),
    line('ACS URLs', 'acsUrl'),
    line('Entity ID', 'entityId'),
    set('Signing key', 'Sign Assertion, RSA_SHA256'),
    set('Assertion Validity Duration', '300 seconds'),
    line('SLO Endpoint', 'sloUrl'),
    set('SLO Binding', 'HTTP Redirect'),
    line('Signon URL', 'loginUrl'),
  ],
  attributes: [
    ['saml_subject', 'User ID'],
    ['userName', 'Username'],
    ['email', 'Email Address'],
    ['firstName', 'Given Name'],
    ['lastName', 'Family Name'],
    ['groups', 'Group Names'],
  ],
  scim: [line('SCIM Base URL', 'scimBaseUrl'), line('OAuth Access Token', 'scimToken')],
  traps: [
    'A signing key of type EC (SHA256_ECDSA) is not understood: choose an RSA certificate.',
    'The application must be switched on with its toggle; until then PingOne shows an error of its own.',
    '"Sign Response" instead of "Sign Assertion": set wantSigned to response. "Sign Assertion & Response" works as it is.',
    'saml_subject by Username changes when somebody is renamed, and they come as somebody else.',
  ],
};

export const keycloak: IdpPreset = {
  title: 'Keycloak',
  saml: { wantSigned: 'response', nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
  attributeMapping: { userName: ['username', 'Usual'], role: ['Role', 'Usual'], groups: ['Usual'] },
  metadata: {
    by: 'url',
    where: 'Realm settings, General, Endpoints, SAML 2.0 Identity Provider Metadata',
    example: 'https://KEYCLOAK-HOST/realms/REALM/protocol/saml/descriptor',
  },
  signs: 'the response ("Sign documents"), RSA_SHA256',
  nameId: 'persistent, which is asked for; the user name without that',
  where: 'Clients, Create client, Client type SAML; or Import client with our metadata as a file',
  paste: [
    line('Client ID', 'entityId'),
    line('Valid redirect URIs', 'acsUrl'),
    line('Master SAML Processing URL', 'acsUrl'),
    line('Home URL', 'loginUrl'),
    line('Advanced, Logout Service Redirect Binding URL', 'sloUrl'),
    set('Sign documents', 'On'),
    set('Keys, Client signature required', 'On with our metadata imported; Off otherwise, and signRequests false'),
  ],
  attributes: [
    ['username', 'Client scopes, the dedicated one, Add mapper, User Property: username'],
    ['email', 'User Property: email'],
    ['firstName', 'User Property: firstName'],
    ['lastName', 'User Property: lastName'],
    ['groups', 'Group list, Full group path off'],
    ['Role', 'sent by itself, by the scope role_list'],
  ],
  scim: [],
  traps: [
    'The metadata say that requests must be signed, whatever the client is set to: signRequests is switched on by them. Give Keycloak our certificate, which importing our metadata does, or switch both off.',
    'Role comes as an attribute of its own for each role; they are put together here.',
    '"Sign assertions" without "Sign documents": set wantSigned to assertion.',
    '"Force POST binding" only says how the answer comes back, which is POST in any case.',
    '"Force name ID format" overrides the persistent one that is asked for; people are then known by their user name, which can change.',
    'Realm keys: an additional RS256 key beside the active one makes the change of keys seamless; both are in the metadata.',
  ],
};

export const shibboleth: IdpPreset = {
  title: 'Shibboleth IdP',
  saml: { wantSigned: 'response' },
  attributeMapping: {
    userName: ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'Usual'],
    externalId: ['urn:oasis:names:tc:SAML:attribute:subject-id', 'urn:oasis:names:tc:SAML:attribute:pairwise-id'],
    groups: ['urn:oid:1.3.6.1.4.1.5923.1.5.1.1'],
  },
  metadata: {
    by: 'url',
    where:
      'the address of the IdP, or of this one IdP at the federation (MDQ), with the certificate of the federation as metadataSigner',
    example: 'https://IDP-HOST/idp/shibboleth',
  },
  signs: 'the response, SHA-256',
  nameId: 'transient, which is another one every time: release a persistent one',
  where: 'conf/metadata-providers.xml, conf/attribute-filter.xml, conf/saml-nameid.xml',
  paste: [
    line('HTTPMetadataProvider metadataURL', 'metadataUrl'),
    line('PolicyRequirementRule value (Requester)', 'entityId'),
    line('AssertionConsumerService (in our metadata)', 'acsUrl'),
  ],
  attributes: [
    ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'eduPersonPrincipalName'],
    ['urn:oid:0.9.2342.19200300.100.1.3', 'mail'],
    ['urn:oid:2.5.4.42', 'givenName'],
    ['urn:oid:2.5.4.4', 'sn'],
    ['urn:oid:2.16.840.1.113730.3.1.241', 'displayName'],
    ['urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'isMemberOf'],
    ['urn:oasis:names:tc:SAML:attribute:subject-id', 'samlSubjectID, if the federation has it'],
  ],
  scim: [],
  traps: [
    'With a transient NameID people are recognised by their user name alone (eduPersonPrincipalName): whoever is renamed comes as somebody else. Better enable the persistent generator (conf/saml-nameid.xml), and set nameIdFormat to urn:oasis:names:tc:SAML:2.0:nameid-format:persistent, before people sign in.',
    'Encryption is demanded unless idp.encryption.optional is true: set that, or create an encryption key (`sp-key create`).',
    'Attributes are released only by a rule for our entity ID.',
    'The metadata at /idp/shibboleth are those of the installation and are not always kept up to date; ask who runs it.',
    'A federation file is usually larger than 1 MiB: take the document of the one IdP (MDQ).',
  ],
};

export const simplesamlphp: IdpPreset = {
  title: 'SimpleSAMLphp',
  saml: { wantSigned: 'either' },
  attributeMapping: { groups: ['Usual'] },
  metadata: {
    by: 'url',
    where: 'Federation, SAML 2.0 IdP metadata',
    example: 'https://HOST/simplesaml/saml2/idp/metadata.php',
  },
  signs: 'the response and the assertion, as saml20.sign.response and saml20.sign.assertion say',
  nameId: 'transient, which is another one every time: set a persistent one',
  where:
    'metadata/saml20-sp-remote.php, an entry for our entity ID (the metadata converter of the admin pages makes it of our metadata)',
  paste: [
    line("$metadata['...']", 'entityId'),
    line("'AssertionConsumerService'", 'acsUrl'),
    line("'SingleLogoutService'", 'sloUrl'),
    set("'NameIDFormat'", 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'),
    set("'authproc'", 'saml:PersistentNameID with an attribute that never changes'),
  ],
  attributes: [
    ['uid', 'as the authentication source has it'],
    ['mail', 'as the authentication source has it'],
    ['givenName', 'as the authentication source has it'],
    ['sn', 'as the authentication source has it'],
  ],
  scim: [],
  traps: [
    'With a transient NameID people are recognised by their user name alone (uid): whoever is renamed comes as somebody else. Better set NameIDFormat and the authproc above, before people sign in.',
    'Versions before 2.0 sign with SHA-1 unless signature.algorithm says otherwise.',
    'With assertion.encryption keep saml20.sign.response on, as it is by default: version 1.19 encrypts with AES in CBC mode whatever it is told, which is taken within a signed response only.',
    'Attribute names become OIDs with the filter core:AttributeMap name2oid; both spellings are understood.',
    'After a change of metadata/*.php clear the cache, where one is used.',
  ],
};

export const generic: IdpPreset = {
  title: 'another SAML 2.0 IdP',
  saml: {},
  attributeMapping: {},
  metadata: { by: 'url', where: 'wherever it publishes its metadata; a file or three values by hand work as well' },
  signs: 'whatever it signs: any signature that covers the assertion is taken',
  nameId: 'one that never changes for a person: persistent, or an e-mail address that is not given to somebody else',
  where: 'the form for a SAML 2.0 service provider (application, relying party, client)',
  paste: [
    line('Metadata', 'metadataUrl'),
    line('Entity ID, audience, identifier', 'entityId'),
    line('ACS, reply URL, single sign-on URL, recipient, destination', 'acsUrl'),
    line('Single logout URL', 'sloUrl'),
    line('Login URL, start URL', 'loginUrl'),
    set('Signature and digest', 'SHA-256'),
  ],
  attributes: [
    ['email', 'e-mail address'],
    ['firstName', 'given name'],
    ['lastName', 'family name'],
    ['groups', 'groups, if memberships are to follow them; name it in attributeMapping.groups'],
  ],
  scim: [line('SCIM base URL', 'scimBaseUrl'), line('Bearer token', 'scimToken')],
  traps: [
    'SHA-1 is refused, in signatures and digests.',
    'Answers come by POST; an IdP that answers by artifact or redirect does not work.',
    'A sign-in that begins at the IdP is refused unless allowIdpInitiated is on.',
  ],
};
