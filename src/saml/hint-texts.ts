import type { IdpProduct } from './guess-idp.js';

/**
 * What to do about a failed check: what is wrong in general, and what to click at which IdP. In the texts {acsUrl} and {entityId} stand
 * for the connection's own addresses.
 */
export interface HintText {
  readonly text: string;
  readonly at?: Readonly<Partial<Record<IdpProduct, string>>>;
}

const TOUCHED =
  'No IdP sends that by itself: something between the IdP and this server changed the answer, or somebody tries an attack. Look at proxies and browser extensions; if it comes again from a clean browser, ask the maker of the IdP.';

const GIVE_METADATA = 'Give the connection the present metadata of the IdP (connection configure-saml).';

const WHO_SIGNS: HintText = {
  text: `The answer is not signed by a certificate that the connection knows, or another part of it is signed than wantSigned of the connection demands. ${GIVE_METADATA}`,
  at: {
    entra:
      'Single sign-on, SAML Certificates: the certificate that is Active must be one of the connection. Download Federation Metadata XML there. Signing Option says what is signed.',
    okta: 'Sign On, SAML Signing Certificates: the one that is Active; Actions, View IdP metadata.',
    google:
      'Apps, Web and mobile apps, the app, Service provider details, Certificate; Download metadata. Signed response says what is signed.',
    jumpcloud: 'SSO Applications, the application, SSO: IDP Certificate; Export Metadata.',
    onelogin: 'SSO: X.509 Certificate; More Actions, SAML Metadata.',
    adfs: 'Service, Certificates: the primary Token-signing certificate. Metadata: https://HOST/FederationMetadata/2007-06/FederationMetadata.xml.',
    ping: 'The application, Configuration: the signing key; Download Metadata.',
    auth0: 'The application, Addons, SAML2 Web App, Usage: Identity Provider Metadata.',
    keycloak: 'Realm settings, Keys: the active RS256 key; Realm settings, SAML 2.0 Identity Provider Metadata.',
    shibboleth:
      'The signing certificate (credentials/idp-signing.crt) must be in the metadata that was given to the connection.',
    simplesamlphp: 'The certificate of metadata/saml20-idp-hosted.php; SAML 2.0 IdP metadata on the Federation tab.',
  },
};

const ADDRESS: HintText = {
  text: 'The IdP answers to another address than the one of this connection. It must be {acsUrl} to the letter.',
  at: {
    entra: 'Single sign-on, Basic SAML Configuration: Reply URL (Assertion Consumer Service URL).',
    okta: 'General, SAML Settings: Single sign-on URL, with "Use this for Recipient URL and Destination URL" ticked.',
    google: 'Service provider details: ACS URL.',
    jumpcloud: 'SSO: ACS URLs.',
    onelogin: 'Configuration: ACS (Consumer) URL, and Recipient.',
    adfs: 'The relying party trust, Endpoints: SAML Assertion Consumer, binding POST.',
    ping: 'Configuration: ACS URLs.',
    auth0: 'Addons, SAML2 Web App, Settings: Application Callback URL; recipient and destination, where set.',
    keycloak: 'The client, Advanced: Assertion Consumer Service POST Binding URL; Settings: Valid redirect URIs.',
    shibboleth: 'The IdP must have loaded the present metadata of this connection.',
    simplesamlphp: 'metadata/saml20-sp-remote.php: AssertionConsumerService.',
  },
};

const CLOCKS: HintText = {
  text: 'The clocks of the IdP and of this server differ, or the answer was on its way for too long. Compare both with a time server; the connection allows clockSkewSeconds.',
  at: {
    adfs: 'Set-AdfsRelyingPartyTrust -TargetName NAME -NotBeforeSkew 2 lets assertions begin two minutes earlier.',
  },
};

const ANOTHER_ANSWER: HintText = {
  text: 'The answer does not belong to a sign-in that was begun here, in this browser, a short while ago: it was loaded twice or too late, begun in another browser or window, or the browser keeps no cookies. Begin again.',
};

const NAME_ID: HintText = {
  text: 'The assertion names nobody in its NameID, or not as plain text.',
  at: {
    entra: 'Single sign-on, Attributes & Claims: Unique User Identifier (Name ID).',
    okta: 'General, SAML Settings: Name ID format and Application username.',
    google: 'Service provider details: Name ID.',
    jumpcloud: 'SSO: SAMLSubject NameID.',
    onelogin: 'Parameters: NameID value.',
    adfs: 'The relying party trust, Edit Claim Issuance Policy: add a rule that transforms an incoming claim to Name ID. Without one AD FS sends none.',
    auth0: 'Addons, SAML2 Web App, Settings: nameIdentifierProbes.',
    keycloak: 'The client, Settings: Name ID format, with Force name ID format.',
    shibboleth: 'conf/saml-nameid.xml: a generator for persistent or emailAddress.',
    simplesamlphp: 'metadata/saml20-idp-hosted.php: an authproc filter saml:PersistentNameID or saml:AttributeNameID.',
  },
};

/** By machine reason. */
export const CHECK_HINTS: Readonly<Record<string, HintText>> = {
  'response-malformed': { text: TOUCHED },
  'document-type': { text: TOUCHED },
  'processing-instruction': { text: TOUCHED },
  comment: { text: TOUCHED },
  cdata: { text: TOUCHED },
  encoding: { text: TOUCHED },
  'duplicate-id': { text: TOUCHED },
  structure: { text: TOUCHED },
  version: { text: TOUCHED },
  'signature-misplaced': { text: TOUCHED },
  'condition-unknown': {
    text: 'The assertion has a condition that SAML 2.0 does not know, and is void then. Leave it out at the IdP.',
  },
  'too-large': {
    text: 'The answer is larger than this server takes. Usually it is very many groups: send only those that matter here.',
    at: {
      entra: 'Attributes & Claims, Group Claims: Groups assigned to the application.',
      okta: 'Group Attribute Statements: a narrower filter.',
      adfs: 'Edit Claim Issuance Policy: pass on only the groups that matter.',
    },
  },
  'too-complex': {
    text: 'The answer has more parts than the connection takes. Usually it is very many groups: send only those that matter here, or raise maxElements of the connection.',
    at: {
      entra: 'Attributes & Claims, Group Claims: Groups assigned to the application.',
      okta: 'Group Attribute Statements: a narrower filter.',
      adfs: 'Edit Claim Issuance Policy: pass on only the groups that matter.',
    },
  },
  'encryption-not-supported': {
    text: 'The assertion is encrypted in a way that is not taken here. Turn assertion encryption off at the IdP, or choose AES-GCM with RSA-OAEP.',
    at: {
      entra: 'Token encryption: deactivate the certificate.',
      okta: 'SAML Settings, Advanced: Assertion Encryption Unencrypted.',
      adfs: 'The relying party trust, Encryption: remove the certificate.',
      keycloak: 'The client, Keys: Encrypt assertions off.',
      shibboleth: 'conf/relying-party.xml: p:encryptAssertions="false" for this service.',
    },
  },
  'decryption-failed': {
    text: 'The assertion is encrypted for another key than one of the connection, or was changed on its way. Give the IdP the present metadata of the connection (sp-key list shows the keys), or turn encryption off there.',
    at: {
      entra: 'Token encryption: import the certificate of the encryption key and activate it.',
      okta: 'SAML Settings, Advanced: Encryption Certificate.',
      onelogin: 'Configuration: SAML encryption, the public key.',
      adfs: 'The relying party trust, Encryption: the certificate.',
      keycloak: 'The client, Keys: Encryption keys config, import the certificate.',
      shibboleth: 'Reload the metadata of this service.',
      simplesamlphp: "metadata/saml20-sp-remote.php: 'keys' with 'encryption' => true.",
    },
  },
  'algorithm-not-allowed': {
    text: 'The signature uses an algorithm that is not taken, such as SHA-1. The IdP must sign with RSA-SHA256 and digest with SHA-256.',
    at: {
      entra: 'Single sign-on, SAML Certificates, Edit: Signing Algorithm SHA-256.',
      okta: 'SAML Settings, Advanced: Signature Algorithm RSA-SHA256, Digest Algorithm SHA256.',
      jumpcloud: 'SSO: Signature Algorithm RSA-SHA256.',
      onelogin: 'SSO: SAML Signature Algorithm SHA-256.',
      adfs: 'The relying party trust, Properties, Advanced: SHA-256.',
      ping: 'Configuration: Signing Algorithm RSA_SHA256.',
      auth0: 'Addons, SAML2 Web App, Settings: "signatureAlgorithm": "rsa-sha256", "digestAlgorithm": "sha256".',
      keycloak: 'The client, Settings: Signature algorithm RSA_SHA256.',
      simplesamlphp:
        "metadata/saml20-idp-hosted.php: 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'.",
    },
  },
  'signature-missing': {
    text: 'Neither the response nor the assertion is signed. Let the IdP sign the assertion.',
    at: {
      entra: 'SAML Certificates, Edit: Signing Option Sign SAML assertion.',
      okta: 'SAML Settings, Advanced: Assertion Signature Signed.',
      jumpcloud: 'SSO: Sign Assertion.',
      onelogin: 'Configuration: SAML signature element Assertion.',
      adfs: 'Set-AdfsRelyingPartyTrust -TargetName NAME -SamlResponseSignature AssertionOnly.',
      keycloak: 'The client, Settings: Sign assertions on.',
      shibboleth: 'conf/relying-party.xml: p:signAssertions="true" for this service.',
      simplesamlphp: "metadata/saml20-sp-remote.php: 'saml20.sign.assertion' => true.",
    },
  },
  'signature-invalid': WHO_SIGNS,
  'status-not-success': {
    text: 'The IdP said no, before anything of this server was asked. Its own log says why; often the person is not assigned to the application.',
    at: {
      entra: 'Sign-in logs of the application: the AADSTS code. Users and groups: is the person assigned?',
      okta: 'Assignments of the application; Reports, System Log.',
      google: 'User access of the app: ON for the organizational unit of the person.',
      jumpcloud: 'User Groups of the application.',
      onelogin: 'Access of the application; Users, the person, Applications.',
      adfs: 'Event Viewer, AD FS, Admin; Access Control Policy of the relying party trust.',
      auth0: 'Monitoring, Logs.',
      keycloak: 'Events; with "passive" or "forced" sign-ins also the authentication flow.',
    },
  },
  'issuer-mismatch': {
    text: `The IdP has another entity id than the connection knows (idpEntityId), to the letter. ${GIVE_METADATA}`,
    at: {
      entra: 'Single sign-on, step 4: Microsoft Entra Identifier, https://sts.windows.net/TENANT/.',
      okta: 'Sign On, View SAML setup instructions: Identity Provider Issuer.',
      google: 'Service provider details, Download metadata: Entity ID with idpid.',
      jumpcloud: 'SSO: IdP Entity ID is what was typed there.',
      onelogin: 'SSO: Issuer URL.',
      adfs: 'Edit Federation Service Properties: Federation Service identifier, usually with http.',
      keycloak: 'https://HOST/realms/REALM, with the host as browsers see it (Frontend URL).',
    },
  },
  'destination-mismatch': ADDRESS,
  'recipient-mismatch': ADDRESS,
  'audience-mismatch': {
    text: 'The assertion is meant for another service. Its audience must be {entityId} to the letter.',
    at: {
      entra: 'Single sign-on, Basic SAML Configuration: Identifier (Entity ID).',
      okta: 'General, SAML Settings: Audience URI (SP Entity ID).',
      google: 'Service provider details: Entity ID.',
      jumpcloud: 'SSO: SP Entity ID.',
      onelogin: 'Configuration: Audience (EntityID).',
      adfs: 'The relying party trust, Identifiers.',
      ping: 'Configuration: Entity ID.',
      auth0: 'Addons, SAML2 Web App, Settings: "audience".',
      keycloak: 'The client, Settings: Client ID.',
      shibboleth: 'The entityID of the metadata that the IdP loaded for this service.',
      simplesamlphp: 'The key of the entry in metadata/saml20-sp-remote.php.',
    },
  },
  'in-response-to-mismatch': ANOTHER_ANSWER,
  'login-request-unknown': ANOTHER_ANSWER,
  'login-request-used': ANOTHER_ANSWER,
  'relay-state-mismatch': {
    text: 'The IdP did not send RelayState back as it got it. A default RelayState or start URL at the IdP must be empty.',
    at: {
      okta: 'SAML Settings: Default RelayState empty.',
      google: 'Service provider details: Start URL empty.',
      jumpcloud: 'SSO: Default RelayState empty.',
      onelogin: 'Configuration: RelayState empty.',
    },
  },
  unsolicited: {
    text: 'The answer was not asked for: somebody began at a tile of the IdP, or the IdP forgets InResponseTo. People can begin at the login address of the connection, or the connection can allow it (allowIdpInitiated).',
  },
  replay: {
    text: 'This assertion has signed somebody in before; each does so once. The page of the IdP was loaded again, or somebody kept the answer. Begin again.',
  },
  'subject-missing': NAME_ID,
  'name-id-invalid': NAME_ID,
  'confirmation-missing': {
    text: 'The assertion has no bearer confirmation, which a sign-in in a browser needs. Choose the browser (Web SSO) profile at the IdP.',
  },
  'confirmation-method': {
    text: 'The assertion is confirmed for another use than a sign-in in a browser. Choose the browser (Web SSO) profile at the IdP.',
  },
  'conditions-missing': {
    text: 'The assertion says neither for whom nor until when it is good. The IdP must send Conditions with an audience and NotOnOrAfter.',
  },
  'time-malformed': { text: 'A time is missing, or is not written in UTC, such as 2026-01-31T12:00:00Z.' },
  'not-yet-valid': CLOCKS,
  expired: CLOCKS,
  'too-old': CLOCKS,
  'lifetime-too-long': {
    text: 'The assertion is good for longer than a day. Shorten its lifetime at the IdP; an hour is plenty.',
    at: {
      adfs: 'Set-AdfsRelyingPartyTrust -TargetName NAME -TokenLifetime 60.',
      auth0: 'Addons, SAML2 Web App, Settings: "lifetimeInSeconds": 3600.',
      keycloak: 'The client, Advanced: Assertion Lifespan.',
    },
  },
  'authn-statement-missing': {
    text: 'The assertion does not say when the person authenticated. The IdP must send an AuthnStatement.',
  },
  'authn-context-mismatch': {
    text: 'The person authenticated in another way than the connection asks for (requestedAuthnContext). Change the setting, or the policy at the IdP.',
  },
  'session-expired': {
    text: 'The session at the IdP had ended already (SessionNotOnOrAfter). Sign out at the IdP and begin again; compare the clocks.',
  },
  'reauthentication-missing': {
    text: 'The connection wants people to authenticate again (forceAuthn), and the IdP did not ask them.',
    at: { google: 'Google Workspace does not support it: turn forceAuthn off.' },
  },
};
