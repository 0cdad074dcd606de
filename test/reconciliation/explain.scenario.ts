import fc from 'fast-check';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { replay, type Chain, type Explanation, type Link } from '../../src/reconciliation/explain.js';
import { ExplainService } from '../../src/reconciliation/explain.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, subject } from '../support/engine.js';
import { steps, World } from '../support/random-history.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';

/** Why somebody has what they have: chains that are proven by replaying them. */
describe('explain', () => {
  let server: TestServer;
  let engine: Engine;

  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
  });
  afterAll(() => server.close());

  it('after any history: replaying all chains gives exactly the access; without one link, what hung on it alone is gone', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const world = await World.make(server, engine);
        for (const step of life) await world.take(step);
        for (const id of await living(world.organizationId)) {
          const explanation = await server.app.get(ExplainService).explain(world.organizationId, id);
          expect(replay(linksOf(explanation), ROLES)).toEqual(await accessOf(id));
          dropEachLink(explanation);
          await evidenceIsReal(explanation, id);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('a sign-in is followed from the IdP’s value over the rule; a second reason is named beside it', async () => {
    const connection = await engine.tenant({
      scim: false,
      provisioning: { roleMapping: [{ value: 'Chief', role: 'admin' }] },
    });
    const { organizationId } = connection;
    const group = await engine.operator.createGroup(
      organizationId,
      { displayName: 'Red', loginPolicy: 'own' },
      TEST_OPERATOR,
    );
    const outcome = await engine.signIn(connection, {
      subject: subject('ada'),
      userName: 'ada@example.com',
      roles: ['Chief'],
      groups: { kind: 'listed', values: ['Red'] },
    });
    if (outcome.kind !== 'accepted') throw new Error(outcome.reason);
    server.clock.advance(1);
    await engine.operator.addMembers(organizationId, group.id, [outcome.userId], { ...TEST_OPERATOR, id: 'token-1' });
    const { memberships, role } = await server.app.get(ExplainService).explain(organizationId, outcome.userId);
    const walk = (chain: Chain | undefined) => chain?.links.map(({ kind }) => kind);
    expect(memberships).toHaveLength(1);
    const [jit, manual] = memberships[0]!.origins;
    expect(jit).toMatchObject({ origin: `jit:${connection.id}`, chains: [{}] });
    expect(walk(jit!.chains[0])).toEqual(['sign-in', 'asserted', 'rule', 'joins']);
    expect(jit!.chains[0]!.links).toMatchObject([
      { connectionId: connection.id },
      { value: 'Red' },
      { by: 'displayName' },
      {},
    ]);
    expect(walk(manual!.chains[0])).toEqual(['operator', 'joins']);
    expect(manual!.chains[0]!.links[0]).toMatchObject({ entry: { actorId: 'token-1' } });
    expect(role).toMatchObject({ effective: 'admin', given: [{ role: 'admin', wins: true, chains: [{}] }] });
    expect(walk(role.given[0]!.chains[0])).toEqual(['sign-in', 'asserted', 'role-mapping']);
  });

  it('over HTTP: the chain of a SCIM client names its request, and the time line has all three records, page by page', async () => {
    const { token } = await server.app.get(AdminTokensService).create('explain', null, TEST_OPERATOR);
    const tenant = await createTenant(server);
    const ask = async (path: string) =>
      (await request(server, 'GET', `/admin/v1/organizations/${tenant.organization.slug}/${path}`, { token })).json;
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const user = await tenant.scim('POST', '/Users', { schemas, userName: 'ada@example.com' });
    const id = String(user.json['id']);
    const group = await tenant.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Red',
      members: [{ value: id }],
    });
    const explained = await ask(`users/${id}/explain`);
    expect(explained).toMatchObject({
      effectiveRole: 'member',
      memberships: [
        {
          groupId: group.json['id'],
          displayName: 'Red',
          origins: [{ origin: 'scim', chains: [{ links: [{ kind: 'scim-request' }, { kind: 'joins' }] }] }],
        },
      ],
      roles: [
        { role: 'member', wins: true, chains: [{ links: [{ kind: 'scim-request' }, { kind: 'default-role' }] }] },
      ],
    });
    const [entry] = await server.sql<{ correlation_id: string; actor_id: string }>(
      `SELECT correlation_id, actor_id FROM audit_entries WHERE action = 'group.members-added' AND target_id = $1`,
      [group.json['id']],
    );
    expect(JSON.stringify(explained)).toContain(entry!.correlation_id);
    expect(entry!.actor_id).not.toBeNull();
    expect(JSON.stringify(explained)).toContain(entry!.actor_id);

    const seen: JsonObject[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: JsonObject = await ask(`users/${id}/timeline?limit=1${after ? `&after=${after}` : ''}`);
      seen.push(...(page['items'] as JsonObject[]));
      after = page['next'] as string | null;
    }
    expect(seen.map(({ kind, what }) => `${String(kind)} ${String(what)}`)).toEqual([
      'change group.members-added',
      'change user.created',
      'event user.created',
    ]);
    expect(JSON.stringify(seen)).not.toContain('"members"');
    expect((await ask(`users/${String(group.json['id'])}/explain`))['status']).toBe(404);
  });

  const ROLES = ['admin', 'member'];
  const linksOf = (explanation: Explanation): Link[] => chainsOf(explanation).flatMap(({ links }) => links);

  /** A thing is given as long as one of its chains is whole; a chain of a group's role needs a membership of the group besides. */
  function dropEachLink(explanation: Explanation): void {
    const chains = chainsOf(explanation);
    const all = replay(linksOf(explanation), ROLES);
    for (const dropped of linksOf(explanation)) {
      const same = (link: Link) => link.from === dropped.from && link.to === dropped.to && link.kind === dropped.kind;
      const whole = chains.filter(({ links }) => !links.some(same));
      const left = replay(
        whole.flatMap(({ links }) => links),
        ROLES,
      );
      const cut = replay(
        linksOf(explanation).filter((link) => !same(link)),
        ROLES,
      );
      const still = all.memberships.filter((each) => whole.some(({ gives }) => gives === `membership:${each}`));
      expect(cut).toEqual(left);
      expect(cut.memberships).toEqual(still);
      const inGroup = (node: string) => still.some((each) => `group:${each.split(' ')[0]!}` === node);
      const given = whole.flatMap(({ gives, links: [first] }) =>
        gives.startsWith('role:') && (first!.from === 'person' || inGroup(first!.from)) ? [gives.slice(5)] : [],
      );
      expect(cut.role).toBe(ROLES.find((role) => given.includes(role)));
      // No link is there for decoration.
      const lost = chains.filter((chain) => !whole.includes(chain)).map(({ gives }) => gives);
      const alone = lost.filter((gives) => !whole.some((chain) => chain.gives === gives));
      if (alone.some((gives) => gives.startsWith('membership:'))) expect(cut).not.toEqual(all);
    }
  }

  async function evidenceIsReal(explanation: Explanation, userId: string): Promise<void> {
    const links = linksOf(explanation);
    expect(links.filter(({ kind }) => kind === 'unlogged')).toEqual([]);
    const signIns = links.flatMap((link) => (link.kind === 'sign-in' ? [link.signInId] : []));
    const entries = links.flatMap((link) => ('entry' in link && link.entry ? [link.entry.id] : []));
    const count = async (sql: string, ids: string[]) =>
      Number((await server.sql<{ n: string }>(sql, [[...new Set(ids)], userId]))[0]!.n);
    expect(await count(`SELECT count(*) AS n FROM sign_ins WHERE id = ANY($1::uuid[]) AND user_id = $2`, signIns)).toBe(
      new Set(signIns).size,
    );
    expect(
      await count(
        `SELECT count(*) AS n FROM audit_entries WHERE id = ANY($1::uuid[])
         AND (target_id = $2::text OR changes -> 'members' -> 1 ? $2::text)`,
        entries,
      ),
    ).toBe(new Set(entries).size);
  }

  const living = async (organizationId: string) =>
    (
      await server.sql<{ id: string }>(`SELECT id FROM users WHERE organization_id = $1 AND deleted_at IS NULL`, [
        organizationId,
      ])
    ).map(({ id }) => id);

  async function accessOf(userId: string) {
    const rows = await server.sql<{ group_id: string; origins: string[]; role: string | null }>(
      `SELECT m.group_id, m.origins, g.role FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.user_id = $1`,
      [userId],
    );
    const [user] = await server.sql<{ role: string }>(`SELECT role FROM users WHERE id = $1`, [userId]);
    const roles = [user!.role, ...rows.map(({ role }) => role)];
    return {
      memberships: rows.flatMap((row) => row.origins.map((origin) => `${row.group_id} ${origin}`)).sort(),
      role: ROLES.find((role) => roles.includes(role)),
    };
  }
});

const chainsOf = ({ memberships, role }: Explanation): Chain[] => [
  ...memberships.flatMap(({ origins }) => origins.flatMap(({ chains }) => chains)),
  ...role.given.flatMap(({ chains }) => chains),
];
