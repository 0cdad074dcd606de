import { DomainsService, TXT_PREFIX, TxtRecords } from '../../src/organizations/domains.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createOrganization, TEST_OPERATOR } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';
import { startDnsServer, type DnsServer } from './dns-server.js';

describe('domains', () => {
  let server: TestServer;
  let dns: DnsServer;
  let domains: DomainsService;
  let first: string;
  let second: string;

  beforeAll(async () => {
    server = await startTestServer();
    dns = await startDnsServer();
    server.app.get(TxtRecords).resolver.setServers([dns.address]);
    domains = server.app.get(DomainsService);
  });
  afterAll(async () => {
    await server.close();
    await dns.close();
  });
  beforeEach(async () => {
    ({ id: first } = await createOrganization(server));
    ({ id: second } = await createOrganization(server));
    dns.records.clear();
  });

  const claim = (organization: string, domain: string) => domains.claim(organization, domain, TEST_OPERATOR);
  const verify = (organization: string, domain: string, by: 'dns' | 'operator' = 'dns') =>
    domains.verify(organization, domain, by, TEST_OPERATOR);

  it('is verified by its TXT record, among others and in parts, and by nothing else', async () => {
    const { txtRecord } = await claim(first, 'Verified.Example ');
    await expect(verify(first, 'verified.example')).rejects.toMatchObject({ reason: 'conflict' });
    dns.records.set('verified.example', ['v=spf1 -all', `${TXT_PREFIX}somebody-else`]);
    await expect(verify(first, 'verified.example')).rejects.toMatchObject({ reason: 'conflict' });
    dns.records.set('verified.example', ['v=spf1 -all', txtRecord]);
    const effects = await sideEffects(server, () => verify(first, 'verified.example'));
    expect(effects.rows).toEqual({ domains: '~1', audit_entries: '+1' });
    expect(effects.audit).toEqual([['domain.verified', 'verified.example']]);
    expectNoEffects(await sideEffects(server, () => verify(first, 'verified.example')));
    expect(await domains.list(first)).toMatchObject([{ domain: 'verified.example', verifiedBy: 'dns' }]);
  });

  it("another organization's record proves nothing", async () => {
    const mine = await claim(first, 'shared.example');
    await claim(second, 'shared.example');
    dns.records.set('shared.example', [mine.txtRecord]);
    await expect(verify(second, 'shared.example')).rejects.toMatchObject({ reason: 'conflict' });
    await expect(verify(second, 'never-claimed.example')).rejects.toMatchObject({ reason: 'not-found' });
  });

  it('belongs to one organization, however many verify it at once, until that one releases it', async () => {
    const organizations = [
      first,
      second,
      ...(await Promise.all([1, 2, 3].map(() => createOrganization(server)))).map(({ id }) => id),
    ];
    for (const organization of organizations) await claim(organization, 'contested.example');
    const outcomes = await Promise.allSettled(organizations.map((id) => verify(id, 'contested.example', 'operator')));
    const winners = organizations.filter((_, index) => outcomes[index]!.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const rows = await server.sql(`SELECT organization_id FROM verified_domains WHERE domain = 'contested.example'`);
    expect(rows).toEqual([{ organization_id: winners[0] }]);
    const loser = organizations.find((id) => id !== winners[0])!;
    await expect(verify(loser, 'contested.example', 'operator')).rejects.toMatchObject({ reason: 'conflict' });
    await domains.release(loser, 'contested.example', TEST_OPERATOR);
    expect(await server.sql(`SELECT 1 FROM verified_domains WHERE domain = 'contested.example'`)).toHaveLength(1);
    await domains.release(winners[0]!, 'contested.example', TEST_OPERATOR);
    expect(await server.sql(`SELECT 1 FROM verified_domains WHERE domain = 'contested.example'`)).toHaveLength(0);
  });

  it('has one spelling', async () => {
    expect((await claim(first, 'MÜNCHEN.Example.')).domain).toBe('xn--mnchen-3ya.example');
    expect((await claim(first, 'münchen.example')).domain).toBe('xn--mnchen-3ya.example');
    expect(await domains.list(first)).toHaveLength(1);
    expect(await verify(first, 'münchen.example', 'operator')).toMatchObject({ verifiedBy: 'operator' });
  });

  it.each([
    '',
    'example',
    'a b.example',
    '10.0.0.1',
    'x@example.com',
    '-a.example',
    `${'a'.repeat(64)}.example`,
    '*.example',
  ])('refuses "%s"', async (name) => {
    await expect(claim(first, name)).rejects.toMatchObject({ reason: 'invalid' });
  });
});
