import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SamlSettings } from '../../src/organizations/connection.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import type { KeyUse, SpKey } from '../../src/organizations/sp-key.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { encryptAssertion, flip, XENC, XENC11, type EncryptionOptions } from '../support/encrypt-assertion.js';
import { createSamlTenant, lastRecord, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { TEST_OPERATOR } from '../support/scenario.js';
import { sideEffects } from '../support/side-effects.js';
import { makeIdpKey, type ResponseOptions } from '../support/test-idp.js';
import { describeWithXmlTools } from '../support/xml-tools.js';

/** Encrypted assertions, from the metadata to the session. */

const CBC = `${XENC}aes256-cbc`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const createKey = ({ organization, connection }: SamlTenant, use: KeyUse = 'encryption') =>
  server.app.get(SpKeys).create(organization.id, connection.id, use, TEST_OPERATOR);
const createTenant = async (settings: Partial<SamlSettings> = {}) => {
  const tenant = await createSamlTenant(server, settings);
  return { tenant, key: await createKey(tenant) };
};

let shared: Promise<{ tenant: SamlTenant; key: SpKey }> | undefined;
/** Making keys takes long: one connection, with the settings of each test. */
async function tenantWith(settings: Partial<SamlSettings> = {}) {
  const { tenant, key } = await (shared ??= createTenant());
  const { organizationId, id, saml } = tenant.connection;
  await server.app
    .get(ConnectionsService)
    .update(organizationId, id, { saml: { ...saml!, ...settings } }, TEST_OPERATOR);
  return { tenant, key };
}
/** What an IdP reads there. */
const published = async ({ connection }: SamlTenant): Promise<string[]> => {
  const metadata = await (await fetch(`${server.url}/saml/${connection.id}/metadata`)).text();
  const keys = metadata.matchAll(/KeyDescriptor use="encryption">[\s\S]*?<ds:X509Certificate>([^<]+)</g);
  return [...keys].map(([, der]) => `-----BEGIN CERTIFICATE-----\n${der!}\n-----END CERTIFICATE-----`);
};

interface Outcome {
  readonly status: number;
  /** Without the code that names the record. */
  readonly body: string;
  readonly headers: string;
  readonly record: Awaited<ReturnType<typeof lastRecord>>;
  readonly browser: TestBrowser;
}

async function signIn(
  tenant: SamlTenant,
  encryption: Partial<EncryptionOptions> = {},
  changes: Partial<ResponseOptions> = {},
  tamper: (xml: string) => string = (xml) => xml,
): Promise<Outcome> {
  const certificates = encryption.certificates ?? (await published(tenant)).slice(0, 1);
  const encrypt = (xml: string) => encryptAssertion(xml, { ...encryption, certificates });
  const browser = new TestBrowser(server);
  const { id, relayState } = await browser.begin(tenant, '/apps/wiki');
  const { status, body, headers } = await browser.answer(
    tenant,
    tamper(responseOf(tenant, id, { encrypt, ...changes })),
    relayState,
  );
  const record = await lastRecord(server, tenant);
  const stable = [...headers].filter(
    ([name]) => !['date', 'x-request-id', 'x-correlation-id', 'connection', 'keep-alive'].includes(name),
  );
  return {
    status,
    body: body.replaceAll(record.incident_code, 'CODE'),
    headers: JSON.stringify(stable),
    record,
    browser,
  };
}

const ACCEPTED = { outcome: 'accepted', reason: null };

describe('an encrypted assertion', () => {
  it.each<[string, Partial<SamlSettings>, Partial<EncryptionOptions>, Partial<ResponseOptions>]>([
    ['#1, #21 that is signed signs a person in', {}, {}, { signs: 'assertion' }],
    [
      '#1, #21 in a signed response signs a person in, also with CBC',
      { wantSigned: 'response' },
      { content: CBC },
      { signs: 'response' },
    ],
    ['#1, #21 that is signed, in a signed response', { wantSigned: 'both' }, { content: CBC }, { signs: 'both' }],
    ['#1, #21 that must be signed itself', { wantSigned: 'assertion' }, {}, { signs: 'both' }],
    [
      '#1, #21 with RSA-OAEP and SHA-256',
      {},
      {
        transport: `${XENC11}rsa-oaep`,
        hash: { name: 'sha256', digest: `${XENC}sha256`, mask: `${XENC11}mgf1sha256` },
      },
      {},
    ],
  ])('%s', async (_title, settings, encryption, changes) => {
    const { tenant } = await tenantWith(settings);
    const { status, record, browser } = await signIn(tenant, encryption, { nameId: 'ada@example.com', ...changes });
    expect(record).toMatchObject(ACCEPTED);
    expect(status).toBe(303);
    const session = await browser.get('/session', { accept: 'application/json' });
    expect(JSON.parse(session.body)).toMatchObject({ userName: 'ada@example.com' });
  });

  it('#21 for the old key and for the new one is taken while both are published, and for a retired one no more', async () => {
    const { tenant, key: old } = await createTenant();
    const keys = server.app.get(SpKeys);
    const { organization, connection } = tenant;
    const next = await createKey(tenant);
    const each = async () => {
      const outcomes = [];
      for (const certificates of [[old.certificate], [next.certificate], [old.certificate, next.certificate]])
        outcomes.push((await signIn(tenant, { certificates })).record);
      return outcomes.map(({ reason }) => reason);
    };
    expect(await each()).toEqual([null, null, null]);
    await keys.activate(organization.id, connection.id, next.id, TEST_OPERATOR);
    expect(await each()).toEqual([null, null, null]);
    await keys.retire(organization.id, connection.id, old.id, TEST_OPERATOR);
    expect(await each()).toEqual(['decryption-failed', null, null]);
  });

  it('#21 is used up like any other, and judged like any other', async () => {
    const { tenant } = await tenantWith();
    const assertionId = '_once';
    expect((await signIn(tenant, {}, { assertionId })).record).toMatchObject(ACCEPTED);
    expect((await signIn(tenant, {}, { assertionId })).record).toMatchObject({ reason: 'replay' });
    const foreign = await signIn(tenant, {}, { spEntityId: 'https://other.example/metadata' });
    expect(foreign.record).toMatchObject({ reason: 'audience-mismatch' });
  });
});

describe('what encryption does not make up for', () => {
  const refused = async (
    settings: Partial<SamlSettings>,
    encryption: Partial<EncryptionOptions>,
    changes: Partial<ResponseOptions>,
    tamper?: (xml: string) => string,
  ) => {
    const { tenant } = await tenantWith(settings);
    let outcome!: Outcome;
    const effects = await sideEffects(
      server,
      async () => void (outcome = await signIn(tenant, encryption, changes, tamper)),
      tenant.organization.id,
    );
    expect(outcome.status).toBe(403);
    expect(outcome.browser.cookies.has('rc_session')).toBe(false);
    const { rows } = effects;
    expect(rows).toMatchObject({ sign_ins: '+1', login_requests: '+1' });
    expect(rows).not.toHaveProperty('users');
    return outcome.record.reason;
  };

  it('#21 a signature: nobody signed what was encrypted', async () => {
    for (const wantSigned of ['either', 'assertion'] as const)
      expect(await refused({ wantSigned }, {}, { signs: 'none' })).toBe('signature-missing');
    expect(await refused({ wantSigned: 'assertion' }, {}, { signs: 'response' })).toBe('signature-missing');
  });

  it('#21 a signature of somebody else', async () => {
    const key = await makeIdpKey();
    expect(await refused({}, {}, { key })).toBe('signature-invalid');
    expect(await refused({}, {}, { key, signs: 'response' })).toBe('signature-invalid');
  });

  it('#21 a signature of the response, where that is demanded', async () => {
    for (const wantSigned of ['response', 'both'] as const)
      expect(await refused({ wantSigned }, {}, { signs: 'assertion' })).toBe('signature-invalid');
  });

  it('#21 an assertion that was altered before it was encrypted', async () => {
    const plaintext = (xml: string) => xml.replaceAll('ada@example.com', 'eve@example.com');
    expect(await refused({}, { plaintext }, {})).toBe('signature-invalid');
  });

  it('#21 a response that was altered: its signature is judged before anything in it is decrypted', async () => {
    const tamper = (xml: string) =>
      xml.replace(/(<xenc:CipherValue>)(.)/g, (_all, tag: string, first: string) => tag + (first === 'A' ? 'B' : 'A'));
    for (const content of [CBC, `${XENC11}aes256-gcm`])
      expect(await refused({ wantSigned: 'response' }, { content }, { signs: 'response' }, tamper)).toBe(
        'signature-invalid',
      );
  });

  it('#21 an assertion beside the one that was signed, in what was encrypted', async () => {
    const plaintext = (xml: string) => xml.replace(/<saml:Assertion /, '<saml:Assertion ID="_evil"/><saml:Assertion ');
    expect(await refused({}, { plaintext }, {})).toBe('response-malformed');
  });
});

it('#21 every fault of a cipher leads to the same answer, to the octet, and to one reason', async () => {
  const { tenant, key } = await createTenant();
  const stranger = await makeIdpKey();
  const of = (encryption: Partial<EncryptionOptions>) => signIn(tenant, encryption);
  const faults = [
    await of({ certificates: [stranger.certificate] }),
    await of({ alterKey: flip(10) }),
    await of({ alterKey: (octets) => octets.subarray(5) }),
    await of({ alterContent: flip(0) }),
    await of({ alterContent: flip(50) }),
    await of({ alterContent: flip(-1) }),
    await of({ alterContent: () => Buffer.alloc(0) }),
    await of({ contentKeyBytes: 16 }),
    await of({ plaintext: () => Buffer.from([0xc3, 0x28]) }),
  ];
  const [first] = faults;
  for (const fault of faults) {
    const { record } = fault;
    expect(record).toMatchObject({ outcome: 'rejected', reason: 'decryption-failed' });
    expect({ ...record.decision, checks: undefined }).toEqual({ ...first!.record.decision, checks: undefined });
    expect([fault.status, fault.headers, fault.body]).toEqual([first!.status, first!.headers, first!.body]);
  }
  // Nor does the page tell a cipher's fault from anything else that is wrong.
  const others = [
    await signIn(tenant, {}, { signs: 'none' }),
    await signIn(tenant, {}, { spEntityId: 'https://other.example/' }),
    await signIn(tenant, { transport: `${XENC}rsa-1_5` }),
    await signIn(tenant, { content: CBC }),
  ];
  for (const other of others)
    expect([other.status, other.headers, other.body]).toEqual([first!.status, first!.headers, first!.body]);
  const { organization, connection } = tenant;
  await server.app.get(SpKeys).retire(organization.id, connection.id, key.id, TEST_OPERATOR);
  const without = await signIn(tenant, { certificates: [key.certificate] });
  expect(without.record).toMatchObject({ reason: 'encryption-not-supported' });
  expect([without.status, without.headers, without.body]).toEqual([first!.status, first!.headers, first!.body]);
});

describeWithXmlTools('what xmlsec1 encrypts', () => {
  it.each([
    ['aes-256', 'aes256-gcm', 'assertion'],
    ['aes-128', 'aes128-gcm', 'both'],
    ['aes-256', 'aes256-cbc', 'response'],
  ] as const)('#21 %s as %s is decrypted, with the %s signed', async (session, method, signs) => {
    const { tenant, key } = await tenantWith();
    const content = method.endsWith('cbc') ? XENC + method : XENC11 + method;
    const encrypt = (xml: string) => xmlsec(xml, key, session, content);
    expect((await signIn(tenant, {}, { encrypt, signs })).record).toMatchObject(ACCEPTED);
  });

  function xmlsec(response: string, { certificate }: SpKey, session: string, content: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-xmlenc-'));
    const at = (name: string) => join(folder, name);
    const template =
      `<xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${content}"/>` +
      `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${XENC}rsa-oaep-mgf1p"/>` +
      `<ds:KeyInfo><ds:KeyName/></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>` +
      `<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`;
    const wrapped = response.replace(
      /<saml:Assertion[\s\S]*<\/saml:Assertion>/,
      (assertion) => `<saml:EncryptedAssertion>${assertion}</saml:EncryptedAssertion>`,
    );
    try {
      writeFileSync(at('response.xml'), wrapped);
      writeFileSync(at('template.xml'), template);
      writeFileSync(at('certificate.pem'), certificate);
      const args = ['--encrypt', '--pubkey-cert-pem:sp', at('certificate.pem'), '--session-key', session];
      const where = [
        '--xml-data',
        at('response.xml'),
        '--node-name',
        'urn:oasis:names:tc:SAML:2.0:assertion:Assertion',
      ];
      execFileSync('xmlsec1', [...args, ...where, '--output', at('out.xml'), at('template.xml')], { stdio: 'pipe' });
      return readFileSync(at('out.xml'), 'utf8')
        .replace(/^<\?xml[^>]*\?>\s*/, '')
        .trimEnd();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});
