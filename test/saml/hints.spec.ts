import { DEFAULT_PROVISIONING, DEFAULT_SAML, NO_SCHEMAS, type Connection } from '../../src/organizations/connection.js';
import { PRESET_NAMES } from '../../src/organizations/idp-presets/presets.js';
import type { LoginOutcome } from '../../src/reconciliation/changes.js';
import { describeSigner } from '../../src/saml/describe-signer.js';
import { guessIdp } from '../../src/saml/guess-idp.js';
import { hintsFor, type HintFacts } from '../../src/saml/hints.js';
import { SAML_REASONS } from '../../src/saml/protocol/saml-rejection.js';
import { makeIdpKey, makeResponse } from '../support/test-idp.js';

/** What an operator is told to do, reason by reason and IdP by IdP. */

const saml = {
  ...DEFAULT_SAML,
  idpEntityId: 'https://idp.example/entity',
  ssoUrl: 'https://idp.example/sso',
  certificates: [],
};
const connection = {
  organizationId: 'o',
  id: 'c',
  name: 'IdP',
  enabled: true,
  disabledReason: null,
  preset: null,
  jit: true,
  scim: false,
  provisioning: DEFAULT_PROVISIONING,
  saml,
  attributeMapping: {},
  schemas: NO_SCHEMAS,
  organizationRoles: ['admin', 'member'],
} as unknown as Connection;
const sp = {
  entityId: 'https://sp.example/metadata',
  acsUrl: 'https://sp.example/acs',
  loginUrl: '',
} as HintFacts['sp'];

const hints = (reason: string, changes: Partial<Connection> = {}) =>
  hintsFor({
    reason,
    connection: { ...connection, ...changes },
    sp,
    readings: undefined,
    overage: false,
    signer: undefined,
  });

type Rejection = Extract<LoginOutcome, { kind: 'rejected' }>['reason'];
const DECISIONS: Record<Rejection, true> = {
  'connection-disabled': true,
  'attribute-missing': true,
  'identity-conflict': true,
  ambiguous: true,
  deprovisioned: true,
  deactivated: true,
  'account-not-linked': true,
  'domain-not-allowed': true,
  'not-provisioned': true,
  replay: true,
  'login-request-used': true,
  'logged-out': true,
};

it.each([...SAML_REASONS, ...Object.keys(DECISIONS), 'connection-unusable', 'internal-error'])(
  '%s: there is something to do',
  (reason) => {
    const [hint] = hints(reason);
    expect(hint).toMatch(/^[A-Z].{20,}/s);
    expect(hint).not.toContain('{');
  },
);

it('the addresses of the connection stand in the texts, and what to click at its IdP behind them', () => {
  expect(hints('audience-mismatch')).toEqual([expect.stringContaining(sp.entityId)]);
  const [okta] = hints('recipient-mismatch', { saml: { ...saml, idpEntityId: 'http://www.okta.com/exk1' } });
  expect(okta).toContain(sp.acsUrl);
  expect(okta).toMatch(/At Okta: .*Single sign-on URL/);
});

it('what the operator said the IdP is counts more than what it looks like', () => {
  const looksLikeOkta = { ...saml, idpEntityId: 'http://www.okta.com/exk1' };
  expect(hints('signature-invalid', { preset: 'keycloak', saml: looksLikeOkta })[0]).toMatch(/At Keycloak: /);
  expect(hints('signature-invalid', { preset: 'generic', saml: looksLikeOkta })[0]).toMatch(/At Okta: /);
});

it.each(PRESET_NAMES.filter((name) => name !== 'generic'))('%s: where its certificates and audiences are', (preset) => {
  expect(hints('signature-invalid', { preset })[0]).toContain(' At ');
  expect(hints('audience-mismatch', { preset })[0]).toContain(' At ');
  expect(hints('attribute-missing', { preset })[0]).toContain(' At ');
});

it.each([
  ['entra', 'https://sts.windows.net/tenant/', 'https://login.microsoftonline.com/tenant/saml2'],
  ['okta', 'http://www.okta.com/exk1', 'https://acme.okta.com/app/acme/exk1/sso/saml'],
  ['google', 'https://accounts.google.com/o/saml2?idpid=C01', 'https://accounts.google.com/o/saml2/idp?idpid=C01'],
  ['jumpcloud', 'JumpCloud', 'https://sso.jumpcloud.com/saml2/acme'],
  ['onelogin', 'https://app.onelogin.com/saml/metadata/1', 'https://acme.onelogin.com/trust/saml2/http-post/sso/1'],
  ['adfs', 'http://sts.acme.example/adfs/services/trust', 'https://sts.acme.example/adfs/ls/'],
  ['ping', 'https://auth.pingone.com/1', 'https://auth.pingone.com/1/saml20/idp/sso'],
  ['ping', 'acme', 'https://sso.acme.example/idp/SSO.saml2'],
  ['auth0', 'urn:acme.eu.auth0.com', 'https://login.acme.example/samlp/abc'],
  ['keycloak', 'https://id.acme.example/realms/acme', 'https://id.acme.example/realms/acme/protocol/saml'],
  ['shibboleth', 'https://idp.uni.example/idp/shibboleth', 'https://idp.uni.example/idp/profile/SAML2/Redirect/SSO'],
  [
    'simplesamlphp',
    'https://idp.example/simplesaml/saml2/idp/metadata.php',
    'https://idp.example/simplesaml/saml2/idp/SSOService.php',
  ],
  [undefined, 'https://okta.example.com/', 'https://login.example.com/sso'],
] as const)('is taken for %s: %s', (product, idpEntityId, ssoUrl) => {
  expect(guessIdp({ idpEntityId, ssoUrl })).toBe(product);
});

it('names the certificate of an answer that nobody we know signed, without believing it', async () => {
  const [key, other] = [await makeIdpKey(), await makeIdpKey()];
  const needed = { idpEntityId: 'i', spEntityId: 's', acsUrl: 'a', inResponseTo: undefined };
  const document = makeResponse({ ...needed, key });
  expect(describeSigner(document, [other.certificate])).toMatch(
    /^The answer names the certificate ([0-9A-F]{2}:){31}.*does not have/,
  );
  expect(describeSigner(document, [other.certificate, key.certificate])).toMatch(/which the connection has/);
  expect(describeSigner(document.replace(/X509Certificate>[^<]{50}/, 'X509Certificate>'), [])).toBeUndefined();
  expect(describeSigner('<a/>', [])).toBeUndefined();
});
