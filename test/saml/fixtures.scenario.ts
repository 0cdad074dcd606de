import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { refusalsOf } from './expect-refused.js';
import { ASSERTION_FIXTURES } from './fixtures/assertion.js';
import { DOCUMENT_FIXTURES } from './fixtures/document.js';
import type { Asked, Fixture } from './fixtures/fixture.js';
import { SIGNATURE_FIXTURES } from './fixtures/signature.js';
import { MATRIX, wrap } from './fixtures/wrappings.js';

/** Every fixture over HTTP: no session, no person, no link, the reason in the record, the same page to the outside. */

let server: TestServer;
let plain: SamlTenant;
let expectRefused: ReturnType<typeof refusalsOf>;
beforeAll(async () => {
  server = await startTestServer();
  plain = await createSamlTenant(server);
  expectRefused = refusalsOf(server);
});
afterAll(() => server.close());

const FIXTURES = [...DOCUMENT_FIXTURES, ...SIGNATURE_FIXTURES, ...ASSERTION_FIXTURES];
/** Asked by nobody. */
const STRANGE = `_${'0'.repeat(40)}`;

const tenantOf = async ({ settings }: Fixture): Promise<SamlTenant> =>
  settings ? createSamlTenant(server, settings) : plain;

describe('an answer with', () => {
  it.each(FIXTURES)('$what: $reason', async (fixture) => {
    const tenant = await tenantOf(fixture);
    const browser = new TestBrowser(server);
    const question = fixture.unsolicited ? { id: STRANGE, relayState: '' } : await browser.begin(tenant);
    const now = server.clock.now();
    const asked: Asked = { ...tenant, now, requestId: question.id };
    const xml = responseOf(tenant, question.id, { now, ...fixture.changes?.(asked) });
    const sent = fixture.tamper?.(xml, asked) ?? xml;
    await expectRefused(tenant, fixture.reason, () => browser.answer(tenant, sent, question.relayState));
  });

  it.each(MATRIX)('#2 $name, $signs signed, new ID $newId', async ({ name, signs, newId }) => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(plain);
    const xml = wrap(responseOf(plain, id, { now: server.clock.now(), signs }), name, newId);
    await expectRefused(plain, undefined, () => browser.answer(plain, xml, relayState));
  });
});
