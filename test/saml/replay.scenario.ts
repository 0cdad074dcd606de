import { once } from 'node:events';
import { createServer } from 'node:http';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { longestBlock } from '../support/longest-block.js';
import {
  createSamlTenant,
  lastRecord,
  responseOf,
  TestBrowser,
  type Answer,
  type SamlTenant,
} from '../support/saml-sign-in.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';
import { encode } from '../support/test-idp.js';

let server: TestServer;
let tenant: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await createSamlTenant(server, { allowIdpInitiated: true });
});
afterAll(() => server.close());

/** The form of an answer, its base64 in lines of some length. */
const formOf = (xml: string, relayState: string, width: number): string => {
  const lines = encode(xml).replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
  return new URLSearchParams({ SAMLResponse: lines, RelayState: relayState }).toString();
};

describe('one answer', () => {
  it('#8 posted fifty times at once to two nodes, in other lines and with and without a question, opens one session', async () => {
    const existing = { environment: server.environment, drop: async () => undefined };
    const nodes: TestServer[] = [server];
    if (onPostgres) nodes.push(await startTestServer({ ...server.environment, PUBLIC_URL: server.url }, existing));
    try {
      const now = server.clock.now();
      for (const node of nodes) node.clock.set(now);
      const asking = new TestBrowser(server);
      const { id, relayState } = await asking.begin(tenant);
      const assertionId = `_${'8'.repeat(32)}`;
      const asked = responseOf(tenant, id, { now, assertionId, nameId: 'once@example.com' });
      const unasked = responseOf(tenant, undefined, { now, assertionId, nameId: 'once@example.com' });
      const effects = await sideEffects(server, async () => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => {
            // The second node is known by the address of the first one, as behind a balancer.
            const browser = new TestBrowser(directly(nodes[index % nodes.length]!));
            for (const [name, value] of asking.cookies) browser.cookies.set(name, value);
            const form = index % 5 === 4 ? formOf(unasked, '', 64) : formOf(asked, relayState, 60 + (index % 3));
            return browser.post(`/saml/${tenant.connection.id}/acs`, form);
          }),
        );
        expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
        expect(answers.filter(({ status }) => status === 403)).toHaveLength(49);
        expect(
          answers.flatMap(({ headers }) => headers.getSetCookie()).filter((cookie) => /rc_sess_/.test(cookie)),
        ).toHaveLength(1);
      });
      expect(effects.rows).toMatchObject({
        sessions: '+1',
        users: '+1',
        identities: '+1',
        used_assertions: '+1',
        sign_ins: '+50',
      });
      expectEvents(effects, ['user.created', 'session.opened']);
    } finally {
      for (const node of nodes.slice(1)) await node.close();
    }
  });

  it('#8 is still known when its assertion has ended and the skew has not', async () => {
    const now = server.clock.now();
    const xml = responseOf(tenant, undefined, { now });
    expect((await new TestBrowser(server).answer(tenant, xml, '')).status).toBe(303);
    server.clock.set(new Date(now.getTime() + (300 + 115) * 1000));
    expect((await new TestBrowser(server).answer(tenant, xml, '')).status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'replay' });
  });
});

/** Where the node itself listens. */
const directly = (node: TestServer): { url: string } => {
  const address = node.app.getHttpServer().address() as { port: number };
  return { url: `http://127.0.0.1:${address.port}` };
};

describe('a document type', () => {
  it('#6 is refused at once, and what it names is not fetched', async () => {
    const fetched: string[] = [];
    const canary = createServer((request, response) => {
      fetched.push(request.url ?? '');
      response.end('<!ENTITY e "ada">');
    }).listen(0, '127.0.0.1');
    await once(canary, 'listening');
    try {
      const { port } = canary.address() as { port: number };
      const blocks: number[] = [];
      for (const doctype of [
        `<!DOCTYPE x SYSTEM "http://127.0.0.1:${port}/dtd">`,
        `<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:${port}/entity">]>`,
        `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:${port}/parameter">%p;]>`,
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "${`&a${n || ''};`.repeat(10)}">`).join('')}]>`,
      ]) {
        const browser = new TestBrowser(server);
        const { id, relayState } = await browser.begin(tenant);
        const xml = doctype + responseOf(tenant, id, { now: server.clock.now() }).replace('ada@', '&e;@');
        let answer!: Answer;
        blocks.push(await longestBlock(async () => (answer = await browser.answer(tenant, xml, relayState))));
        expect(answer.status).toBe(403);
        expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'document-type' });
      }
      expect(Math.min(...blocks)).toBeLessThan(20);
      expect(fetched).toEqual([]);
    } finally {
      canary.close();
    }
  });
});
