import { randomBytes } from 'node:crypto';
import { ClientAuthenticator } from '../../src/organizations/client-authenticator.service.js';
import { ScimTokensService } from '../../src/organizations/scim-tokens.service.js';
import { mintToken } from '../../src/platform/secrets.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createConnection, createOrganization, TEST_OPERATOR } from '../support/scenario.js';
import { countStatements } from '../support/count-statements.js';
import { sideEffects } from '../support/side-effects.js';

describe('SCIM tokens', () => {
  let server: TestServer;
  let tokens: ScimTokensService;
  let organizationId: string;
  let connectionId: string;

  beforeAll(async () => {
    server = await startTestServer();
    tokens = server.app.get(ScimTokensService);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    ({ id: organizationId } = await createOrganization(server));
    ({ id: connectionId } = await createConnection(server, { id: organizationId }));
  });

  const create = (name = 'token', expiresAt: Date | null = null) =>
    tokens.create(organizationId, connectionId, { name, expiresAt }, TEST_OPERATOR);
  const authenticate = async (token: string) => {
    const found = await server.app.get(ClientAuthenticator).authenticate(token, '127.0.0.1', 'scenario');
    return found.outcome === 'recognised' ? found : undefined;
  };
  const live = async () =>
    (await tokens.list(organizationId, connectionId))
      .filter(({ revokedAt }) => revokedAt === null)
      .map(({ name }) => name);

  it('speaks for its connection', async () => {
    const { token, record } = await create();
    const found = await authenticate(token);
    expect(found).toMatchObject({
      credentialId: record.id,
      connection: { id: connectionId, organizationId, enabled: true },
    });
  });

  it('R-007: is two at most, however many are asked for at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => create(`token ${index}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await live()).toHaveLength(2);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'conflict' });
    }
  });

  it('rotates without a gap: the newest stays beside the new one, also when many rotate at once', async () => {
    await create('first');
    const second = await create('second');
    const third = await tokens.rotate(organizationId, connectionId, { name: 'third' }, TEST_OPERATOR);
    expect(await live()).toEqual(['third', 'second']);
    expect(await authenticate(second.token)).toBeDefined();
    expect(await authenticate(third.token)).toBeDefined();
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        tokens.rotate(organizationId, connectionId, { name: `rotated ${index}` }, TEST_OPERATOR),
      ),
    );
    expect(await live()).toHaveLength(2);
  });

  it('R-007: an expired or revoked token makes room and is refused', async () => {
    const expiring = await create('expiring', new Date(server.clock.now().getTime() + 60_000));
    const revoked = await create('revoked');
    await tokens.revoke(organizationId, connectionId, revoked.record.id, TEST_OPERATOR);
    expect(await authenticate(revoked.token)).toBeUndefined();
    server.clock.advance(61);
    expect(await authenticate(expiring.token)).toBeUndefined();
    await create();
    await create();
    await expect(create()).rejects.toMatchObject({ reason: 'conflict' });
  });

  it('R-203 writes one entry for a creation and one for a revocation, none of them with the secret', async () => {
    let token = '';
    let id = '';
    const created = await sideEffects(server, async () => {
      const made = await create();
      ({ token } = made);
      ({ id } = made.record);
    });
    expect(created.rows).toEqual({ scim_tokens: '+1', audit_entries: '+1' });
    expect(created.audit).toEqual([['scim-token.created', id]]);
    const revoke = () => tokens.revoke(organizationId, connectionId, id, TEST_OPERATOR);
    expect((await sideEffects(server, revoke)).audit).toEqual([['scim-token.revoked', id]]);
    expect((await sideEffects(server, revoke)).audit).toEqual([]);
    const rows = await server.sql<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM scim_tokens t UNION ALL SELECT to_jsonb(a)::text FROM audit_entries a`,
    );
    const secret = token.slice('rc_scim_'.length + 22, -6);
    expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
  });

  it('cannot be revoked through another connection or organization', async () => {
    const { record, token } = await create();
    const other = await createConnection(server, { id: organizationId });
    const elsewhere = await createOrganization(server);
    for (const [organization, connection] of [
      [organizationId, other.id],
      [elsewhere.id, connectionId],
    ] as const) {
      await expect(tokens.revoke(organization, connection, record.id, TEST_OPERATOR)).rejects.toMatchObject({
        reason: 'not-found',
      });
    }
    expect(await authenticate(token)).toBeDefined();
  });

  it('R-007: notes its last use once a minute', async () => {
    const { token, record } = await create();
    const lastUse = async () =>
      (await tokens.list(organizationId, connectionId)).find(({ id }) => id === record.id)!.lastUsedAt;
    const until = async (reached: (at: Date | null) => boolean) => {
      for (let attempt = 0; attempt < 100; attempt++) {
        const at = await lastUse();
        if (reached(at)) return at!;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('The last use was not noted');
    };
    expect(await lastUse()).toBeNull();
    await authenticate(token);
    const first = await until((at) => at !== null);
    server.clock.advance(30);
    await authenticate(token);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await lastUse()).toEqual(first);
    server.clock.advance(31);
    await authenticate(token);
    expect((await until((at) => at! > first)).getTime() - first.getTime()).toBeGreaterThan(60_000);
  });

  it('R-007: what cannot be a token costs no statement, a wrong one a single statement ever, a live one one each time', async () => {
    const { token } = await create();
    await authenticate(token);
    await new Promise((resolve) => setTimeout(resolve, 200)); // its first use is noted beside it
    const statements = countStatements(server);
    const spoilt = [
      '',
      'x',
      token.slice(0, -1) + (token.endsWith('0') ? '1' : '0'),
      token.replace(/^(rc_scim_.)./, (_all, start: string) => `${start}${token[9] === 'A' ? 'B' : 'A'}`),
      token.replace('rc_scim_', 'rc_admin_'),
      `${token}x`,
    ];
    for (const each of spoilt) expect(await authenticate(each)).toBeUndefined();
    expect(statements()).toBe(0);
    const wellFormed = mintToken('scim', organizationId).token;
    for (let time = 0; time < 5; time++) expect(await authenticate(wellFormed)).toBeUndefined();
    expect(statements()).toBe(1);
    for (let time = 0; time < 3; time++) expect(await authenticate(token)).toBeDefined();
    expect(statements()).toBe(4);
  });

  it.each<[string, (token: string) => string]>([
    ['empty', () => ''],
    ['of another kind', (token) => token.replace('rc_scim_', 'rc_sess_')],
    ['with a wrong checksum', (token) => token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')],
    ['of somebody who knows the form', () => mintToken('scim', organizationId).token],
    ['of no organization', () => mintToken('scim').token],
    ['random', () => `rc_scim_${randomBytes(40).toString('base64url')}`],
    ['with a line break', (token) => `${token}\n`],
  ])('refuses a token that is %s', async (_what, spoil) => {
    const { token } = await create();
    expect(await authenticate(spoil(token))).toBeUndefined();
    expect(await authenticate(token)).toBeDefined();
  });
});
