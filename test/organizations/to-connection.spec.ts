import { certificateFault } from '../../src/organizations/connection-fault.js';
import { DEFAULT_PROVISIONING, DEFAULT_SAML, type SamlSettings } from '../../src/organizations/connection.js';
import { toConnection, type ConnectionRow } from '../../src/organizations/to-connection.js';
import { certificate } from './certificates.js';

describe('toConnection', () => {
  let rsa: string;
  let saml: SamlSettings;

  beforeAll(async () => {
    rsa = await certificate();
    saml = {
      ...DEFAULT_SAML,
      idpEntityId: 'https://idp.example.com/entity',
      ssoUrl: 'https://idp.example.com/sso?idpid=C0',
      certificates: [rsa],
    };
  });

  const row = (over: Partial<ConnectionRow> = {}): ConnectionRow => ({
    organization_id: '0192a0c0-0000-7000-8000-000000000001',
    id: '0192a0c0-0000-7000-8000-000000000002',
    name: 'Entra',
    enabled: true,
    disabled_reason: null,
    jit: true,
    scim: false,
    provisioning: DEFAULT_PROVISIONING,
    saml: null,
    preset: null,
    metadata_valid_until: null,
    attribute_mapping: {},
    declared_schemas: null,
    organization_roles: ['admin', 'member'],
    ...over,
  });

  it('takes what is right as it is', () => {
    const { connection, fault } = toConnection(row({ saml, attribute_mapping: { groups: ['memberOf'] } }));
    expect(fault).toBeUndefined();
    expect(connection.saml).toEqual(saml);
    expect(connection.attributeMapping).toEqual({ groups: ['memberOf'] });
  });

  it('gives settings of an earlier version the defaults of what they lack, and leaves what it does not know', () => {
    const { idpEntityId, ssoUrl, certificates } = saml;
    const { connection, fault } = toConnection(
      row({ provisioning: { defaultRole: 'admin', later: 1 }, saml: { idpEntityId, ssoUrl, certificates } }),
    );
    expect(fault).toBeUndefined();
    expect(connection.provisioning).toEqual({ ...DEFAULT_PROVISIONING, defaultRole: 'admin', later: 1 });
    expect(connection.saml).toEqual(saml);
  });

  it.each<[string, Partial<ConnectionRow>]>([
    ['provisioning is no object', { provisioning: 'jit' }],
    ['provisioning is no object', { provisioning: [] }],
    ['provisioning is no object', { provisioning: null }],
    ['provisioning.takeover must be one of adopt, conflict', { provisioning: { takeover: 'steal' } }],
    ['provisioning.linkManualUsers must be true or false', { provisioning: { linkManualUsers: 'no' } }],
    ['provisioning.allowedDomains must be a list', { provisioning: { allowedDomains: 'example.com' } }],
    ['provisioning.allowedDomains every entry must be a text', { provisioning: { allowedDomains: [1] } }],
    ['provisioning.roleMapping must be a list', { provisioning: { roleMapping: 'admin' } }],
    [
      'provisioning.roleMapping every entry must have the texts value and role',
      { provisioning: { roleMapping: [{}] } },
    ],
    [
      'provisioning.groupMapping every entry must have the texts value and groupId',
      { provisioning: { groupMapping: [null] } },
    ],
    ['provisioning.defaultRole "owner" is no role of the organization', { provisioning: { defaultRole: 'owner' } }],
    [
      'provisioning.roleMapping names "owner", which is no role of the organization',
      { provisioning: { roleMapping: [{ value: 'x', role: 'owner' }] } },
    ],
    ['attributeMapping is no object', { attribute_mapping: 'groups' }],
    ['attributeMapping.groups must be a list', { attribute_mapping: { groups: 'memberOf' } }],
    ['saml is no object', { saml: 'https://idp.example.com' }],
    ['saml.idpEntityId must be a text', { saml: {} }],
  ])('%s', (expected, over) => {
    const { connection, fault } = toConnection(row(over));
    expect(fault).toBe(expected);
    // Whoever gets it gets what the type promises.
    expect(Array.isArray(connection.provisioning.roleMapping)).toBe(true);
    expect(typeof connection.attributeMapping).toBe('object');
    expect(connection.saml === null || Array.isArray(connection.saml.certificates)).toBe(true);
  });

  it.each<[string, Partial<Record<keyof SamlSettings, unknown>>]>([
    ['saml.idpEntityId must be a text', { idpEntityId: '' }],
    ['saml.idpEntityId is longer than 1024 characters', { idpEntityId: `urn:${'x'.repeat(1024)}` }],
    ['saml.ssoUrl is no absolute URL', { ssoUrl: '/sso' }],
    ['saml.ssoUrl must be https', { ssoUrl: 'http://idp.example.com/sso' }],
    ['saml.ssoUrl must be https', { ssoUrl: 'javascript:alert(1)' }],
    ['saml.ssoUrl must be https', { ssoUrl: 'http://localhost.example.com/sso' }],
    ['saml.ssoUrl must not carry a user name or password', { ssoUrl: 'https://idp.example.com@evil.example/' }],
    ['saml.ssoUrl must not have a fragment', { ssoUrl: 'https://idp.example.com/#x' }],
    ['saml.ssoUrl is longer than 2048 characters', { ssoUrl: `https://idp.example.com/${'x'.repeat(2048)}` }],
    ['saml.certificates is empty', { certificates: [] }],
    ['saml.certificates must be a list', { certificates: 'MII' }],
    ['saml.certificates: it is not an X.509 certificate in PEM form', { certificates: ['MII'] }],
    ['saml.wantSigned must be one of assertion, response, both, either', { wantSigned: 'neither' }],
    ['saml.clockSkewSeconds must be a whole number from 0 to 300', { clockSkewSeconds: 86400 }],
    ['saml.loginHint must be the name of a query parameter that is none of SAML', { loginHint: 'SAMLRequest' }],
    ['saml.loginHint must be the name of a query parameter that is none of SAML', { loginHint: 'RelayState' }],
    ['saml.loginHint must be the name of a query parameter that is none of SAML', { loginHint: 'a b' }],
    ['saml.requestedAuthnContext every entry must be a text', { requestedAuthnContext: [''] }],
    ['saml.maxElements must be a whole number from 100 to 5000', { maxElements: Infinity }],
    ['saml.idpInitiatedMaxAgeSeconds must be a whole number from 30 to 3600', { idpInitiatedMaxAgeSeconds: 86400 }],
    ['saml.allowIdpInitiated must be true or false', { allowIdpInitiated: null }],
  ])('%s', (expected, over) => {
    expect(toConnection(row({ saml: { ...saml, ...over } })).fault).toBe(expected);
  });

  it('takes http on the machine itself', () => {
    for (const ssoUrl of ['http://localhost:3001/sso', 'http://127.0.0.1:9/', 'http://[::1]:9/']) {
      expect(toConnection(row({ saml: { ...saml, ssoUrl } })).fault).toBeUndefined();
    }
  });

  it('takes RSA certificates of 2048 bits and more', async () => {
    expect(certificateFault(rsa)).toBeUndefined();
    expect(certificateFault(await certificate({ keySize: 1024 }))).toBe(
      'the RSA key has 1024 bits, at least 2048 are needed',
    );
    expect(certificateFault(await certificate({ keyType: 'ec' }))).toBe('the key is ec, RSA is needed');
  });
});
