import { simulate, type SimulationOptions } from '../../simulate/simulate.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant } from '../support/scenario.js';
import { startProxy, type Meddling, type Proxy } from './unreliable-proxy.js';

/** Servers that are slow, overloaded or wrong: the first are waited for, the last are found out. */

let server: TestServer;
const proxies: Proxy[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await server.close();
});

async function behind(meddling: Meddling, options: Partial<SimulationOptions> & { readonly client: string }) {
  const { token } = await createTenant(server);
  const proxy = await startProxy(server.url, meddling);
  proxies.push(proxy);
  const all = { base: `${proxy.url}/scim/v2`, token, users: 20, groups: 3, lost: 0, ...options };
  return { report: await simulate(all), proxy };
}

describe('a server that has trouble', () => {
  it('is asked again when it throttles, when it fails and when it hangs up', async () => {
    let serial = 0;
    const answer: Meddling['answer'] = (request, response) => {
      serial++;
      if (serial % 10 === 3) response.writeHead(429, { 'retry-after': '0' }).end();
      else if (serial % 40 === 5) response.writeHead(503).end('busy');
      else if (serial % 40 === 7) request.socket.destroy();
      else return false;
      return true;
    };
    const { report } = await behind({ answer }, { client: 'entra' });
    expect(report).toMatchObject({ equal: true, problems: { count: 0 } });
    expect(report.retries.throttled).toBeGreaterThan(10);
    expect(report.retries.serverErrors).toBeGreaterThan(1);
    expect(report.retries.brokenConnections).toBeGreaterThan(1);
  });

  it('is waited for as long as it says', async () => {
    let refused: number | undefined;
    let again: number | undefined;
    const answer: Meddling['answer'] = ({ method }, response) => {
      if (method !== 'POST') return false;
      if (refused !== undefined) again ??= performance.now();
      else {
        refused = performance.now();
        response.writeHead(429, { 'retry-after': '1' }).end();
        return true;
      }
      return false;
    };
    const { report } = await behind({ answer }, { client: 'okta', users: 1, groups: 0, initialOnly: true });
    expect(report.equal).toBe(true);
    expect(again! - refused!).toBeGreaterThan(990);
  });

  it('that never answers is given up', async () => {
    const run = behind({ answer: () => true }, { client: 'okta', timeout: 50, attempts: 2 });
    await expect(run).rejects.toThrow('No answer in time');
  });
});

describe('a server that is wrong', () => {
  const rewrite =
    (change: (operation: { op: string; path?: string; value?: unknown }) => object): Meddling['body'] =>
    ({ method, url = '' }, body) => {
      if (method !== 'PATCH' || !url.includes('/Groups/')) return body;
      const patch = JSON.parse(body) as { Operations: { op: string; path?: string; value?: unknown }[] };
      return JSON.stringify({ ...patch, Operations: patch.Operations.map(change) });
    };

  it('empties a group when one member is removed', async () => {
    const body = rewrite(({ op, path, value }) => (op === 'Remove' ? { op, path } : { op, path, value }));
    const { report } = await behind({ body }, { client: 'entra' });
    expect(report.equal).toBe(false);
    expect(new Set(report.differences.first.map(({ kind }) => kind))).toEqual(new Set(['member missing']));
  });

  it('answers 200 and does nothing', async () => {
    const body: Meddling['body'] = ({ method, url = '' }, text) =>
      method === 'PUT' && url.includes('/Users/') ? text.replace('"active":false', '"active":true') : text;
    const { report } = await behind({ body }, { client: 'okta' });
    expect(report.differences.first).toContainEqual(
      expect.objectContaining({ kind: 'different', attribute: 'active', expected: 'false', found: 'true' }),
    );
  });

  it('hides the people who are inactive', async () => {
    const reply: Meddling['reply'] = ({ method, url = '' }, text) => {
      if (method !== 'GET' || !url.includes('/Users?filter=')) return text;
      const list = JSON.parse(text) as { Resources: { active: boolean }[] };
      return JSON.stringify({ ...list, Resources: list.Resources.filter(({ active }) => active) });
    };
    const { report } = await behind({ reply }, { client: 'okta' });
    expect(report.problems.first).toContainEqual(expect.objectContaining({ doing: 'find a deactivated user' }));
  });

  it('makes two users of one userName', async () => {
    const body: Meddling['body'] = ({ method }, text) =>
      method === 'POST' ? text.replace(/"userName":"([^"]+)\.EXAMPLE\.COM"/, '"userName":"$1.2.EXAMPLE.COM"') : text;
    const reply: Meddling['reply'] = ({ method }, text) =>
      method === 'GET' ? text.replaceAll('.2.EXAMPLE.COM', '.EXAMPLE.COM') : text;
    const { report } = await behind({ body, reply }, { client: 'authentik' });
    expect(report.differences.first).toContainEqual(
      expect.objectContaining({
        resource: 'User',
        kind: 'unexpected',
        name: expect.stringMatching(/EXAMPLE\.COM$/) as unknown,
      }),
    );
  });
});

describe('what a client sends', () => {
  it('has its headers, its trailing signs and the flag of the base on every request', async () => {
    const { proxy: onelogin } = await behind({}, { client: 'onelogin', users: 5 });
    expect(onelogin.seen[0]!.path).toBe('/scim/v2/Users?filter=userName+eq+%22onelogin-test-user01%22&');
    expect(onelogin.seen.filter(({ method }) => method === 'PUT').every(({ path }) => path.endsWith('?'))).toBe(true);
    expect(onelogin.seen[0]!.headers).toMatchObject({ 'user-agent': '' });

    const token = (await createTenant(server)).token;
    const proxy = await startProxy(server.url, {});
    proxies.push(proxy);
    const base = `${proxy.url}/scim/v2/?aadOptscim062020`;
    const report = await simulate({ client: 'entra-flag', base, token, users: 5, groups: 2, lost: 0 });
    expect(report.equal).toBe(true);
    expect(proxy.seen.every(({ path }) => /^\/scim\/v2\/\w+[^?]*\?aadOptscim062020(&|$)/.test(path))).toBe(true);
    expect(proxy.seen.find(({ method }) => method === 'POST')!.headers).toMatchObject({
      'content-type': 'application/scim+json; charset=utf-8',
      authorization: `Bearer ${token}`,
    });
    expect(proxy.seen[0]!.headers).not.toHaveProperty('content-type');
    expect(proxy.seen[0]!.headers).not.toHaveProperty('user-agent');
  });

  it('goes over no more connections than asked for, and they are kept', async () => {
    const sockets = new Set<unknown>();
    const answer: Meddling['answer'] = (request) => {
      sockets.add(request.socket);
      return false;
    };
    const { report } = await behind({ answer }, { client: 'google', concurrency: 3 });
    expect(report.requests.count).toBeGreaterThan(50);
    // As many again for the comparison.
    expect(sockets.size).toBeLessThanOrEqual(6);
  });
});
