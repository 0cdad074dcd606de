import fc from 'fast-check';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import type { ConnectionSettings } from '../../src/organizations/connections.service.js';
import type { LoginClaims } from '../../src/reconciliation/changes.js';
import type { LoginPreview } from '../../src/reconciliation/describe-login.js';
import { LoginPreviewer } from '../../src/reconciliation/login.previewer.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { fingerprint } from '../support/fingerprint.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { encode } from '../support/test-idp.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';

/** A preview says what the sign-in then does, and does nothing. */

let server: TestServer;
let engine: Engine;
let previewer: LoginPreviewer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
  previewer = server.app.get(LoginPreviewer);
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

const claimsOf = (more: Partial<LoginClaims> & { subject: LoginClaims['subject'] }): LoginClaims => ({
  roles: [],
  groups: { kind: 'unmapped' },
  missing: [],
  ...more,
});

/** Runs a preview, which must leave the database as it is. */
async function preview(connection: Connection, claims: LoginClaims): Promise<LoginPreview> {
  const before = await fingerprint(server);
  const found = await previewer.preview(connection, claims);
  expect(await fingerprint(server)).toEqual(before);
  return found;
}

const NAMES = ['Red', 'Green', 'Blue', 'Guarded', 'Everybody', 'red', 'Nowhere'];
const PEOPLE = ['ada', 'bob', 'cyd', 'eve', 'new'];
const visit = fc.record({
  person: fc.constantFrom(...PEOPLE),
  nameId: fc.constantFrom('same', 'other'),
  displayName: fc.constantFrom('One', 'Two'),
  role: fc.constantFrom('admin', 'member', 'x'),
  groups: fc.oneof(
    fc.subarray(NAMES).map((values) => ({ kind: 'listed' as const, values })),
    fc.constantFrom({ kind: 'absent' as const }, { kind: 'overage' as const }, { kind: 'unmapped' as const }),
  ),
});
const world = fc.record({
  unknownGroups: fc.constantFrom('ignore' as const, 'create' as const),
  whenGroupsAbsent: fc.constantFrom('remove' as const, 'keep' as const),
  requireScim: fc.boolean(),
  removalGuard: fc.constantFrom(null, { atLeast: 0, percent: 0 }, { atLeast: 5, percent: 20 }),
});

interface Recorded {
  readonly outcome: string;
  readonly reason: string | null;
  readonly user_id: string | null;
  readonly decision: {
    readonly rule: string;
    readonly changes?: object;
    readonly drift?: object;
    readonly groups?:
      | 'untouched'
      | {
          added: string[];
          removed: string[];
          created: { id: string; displayName: string }[];
          plan: { unknown: string[] };
        };
  };
}

describe('a preview', () => {
  it('says exactly what the sign-in then does, and writes nothing, over random people, policies and claims', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(visit, { minLength: 1, maxLength: 5 }), async (provisioning, visits) => {
        const connection = await makeWorld(provisioning);
        for (const { person, nameId, displayName, role, groups } of visits) {
          const userName = `${person}@example.com`;
          const name = subject(nameId === 'same' ? userName : `${person}-2`);
          const claims = claimsOf({ subject: name, userName, email: userName, displayName, roles: [role], groups });
          const foreseen = await preview(connection, claims);
          const outcome = await engine.signIn(connection, claims);
          await compare(connection, foreseen, outcome.kind === 'accepted' ? outcome.userId : null);
        }
      }),
      { numRuns: 20 },
    );
  });

  async function makeWorld(provisioning: NonNullable<ConnectionSettings['provisioning']>) {
    const connection = await engine.tenant({ provisioning });
    const { organizationId } = connection;
    const make = (displayName: string, more: object = {}) =>
      engine.operator.createGroup(organizationId, { displayName, ...more }, OPERATOR);
    const red = await make('Red', { role: 'admin' });
    await make('Green', { loginPolicy: 'own' });
    await make('Guarded', { protected: true });
    await make('Everybody', { isDefault: true });
    const push = async (userName: string, active = true) =>
      (await engine.users.create(connection, { userName, externalId: null, active, attributes: {} }, SCIM_CLIENT)).user;
    const bob = await push('bob@example.com');
    await push('cyd@example.com', false);
    await engine.groups.create(
      connection,
      { displayName: 'Blue', externalId: null, attributes: {} },
      [bob.id],
      SCIM_CLIENT,
    );
    await engine.operator.createUser(organizationId, { userName: 'eve@example.com', attributes: {} }, OPERATOR);
    const jit = await engine.update(connection, { provisioning: { requireScim: false } });
    const first = await engine.signIn(jit, { subject: subject('ada@example.com'), userName: 'ada@example.com' });
    if (first.kind !== 'accepted') throw new Error(first.reason);
    await engine.operator.addMembers(organizationId, red.id, [first.userId], OPERATOR);
    return engine.update(connection, { provisioning: { requireScim: provisioning.requireScim ?? null } });
  }

  async function compare({ organizationId }: Connection, foreseen: LoginPreview, userId: string | null): Promise<void> {
    const [row] = await server.sql<Recorded>(
      `SELECT outcome, reason, user_id, decision FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [organizationId],
    );
    const { decision, groups } = foreseen;
    expect(row).toMatchObject({
      outcome: decision.kind === 'reject' ? 'rejected' : 'accepted',
      reason: decision.kind === 'reject' ? decision.reason : null,
    });
    expect(row!.decision.rule).toBe(decision.rule);
    if (decision.userId !== null) expect(row!.user_id).toBe(decision.userId);
    expect(foreseen.changes).toEqual(row!.decision.changes ?? {});
    expect(foreseen.drift).toEqual(row!.decision.drift ?? null);
    // A person whom sign-ins do not change.
    if (row!.decision.groups === undefined || row!.decision.groups === 'untouched') return;
    const { added, removed, created, plan } = row!.decision.groups;
    const ids = (effects: readonly { id: string }[]) => effects.map(({ id }) => id).sort();
    const named = groups.added.filter(({ because }) => because === 'named');
    expect(ids(named)).toEqual(added.filter((id) => !created.some((group) => group.id === id)).sort());
    expect(ids(groups.removed)).toEqual([...removed].sort());
    expect(groups.created).toEqual(created.map(({ displayName }) => displayName));
    expect(groups.unknown).toEqual(plan.unknown);
    if (decision.kind !== 'create') return;
    const members = await server.sql<{ id: string }>(`SELECT group_id AS id FROM memberships WHERE user_id = $1`, [
      userId,
    ]);
    const fresh = created.map((group) => group.id);
    expect(ids(members)).toEqual([...ids(groups.added), ...fresh].sort());
  }
});

describe('a snapshot', () => {
  it('refuses to write and to lock', async () => {
    const unitOfWork = server.app.get(UnitOfWork);
    for (const statement of [`UPDATE organizations SET name = 'x'`, 'SELECT 1 FROM organizations FOR UPDATE']) {
      await expect(unitOfWork.look((db) => db.query(statement))).rejects.toThrow(/read-only transaction/);
    }
    await expect(unitOfWork.look(() => unitOfWork.read.query('SELECT 1'))).rejects.toThrow(/outside the open/);
  });
});

describe('POST /connections/{id}/preview', () => {
  let tenant: SamlTenant;
  const call = async (body: JsonObject, status = 200) => {
    // The operator's token notes that it was used.
    const before = await fingerprint(server, ['admin_tokens']);
    const path = `/admin/v1/organizations/${tenant.organization.id}/connections/${tenant.connection.id}/preview`;
    const reply = await request(server, 'POST', path, { token: admin, body });
    expect({ status: reply.status, body: reply.status === status ? '' : reply.body }).toEqual({ status, body: '' });
    expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
    return reply.json;
  };
  const make = (displayName: string) =>
    engine.operator.createGroup(tenant.organization.id, { displayName }, TEST_OPERATOR);
  beforeEach(async () => {
    tenant = await createSamlTenant(server);
  });

  it('takes attributes, reads them through the mapping, and says who, what and why', async () => {
    const [kept, lost] = [await make('Kept'), await make('Lost')];
    const attributes = { email: ['ada@example.com'], givenName: ['Ada'], groups: ['Lost'] };
    const signedIn = await new TestBrowser(server).signIn(tenant, { nameId: 'ada', attributes });
    expect(signedIn.status).toBe(303);
    const given = [
      { name: 'email', values: ['ada@example.com'] },
      { name: 'givenName', values: ['Augusta'] },
      { name: 'groups', values: ['Kept'] },
      { name: 'groups', values: ['Nowhere'] },
    ];
    const answer = await call({ nameId: 'ada', nameIdFormat: PERSISTENT, attributes: given });
    expect(answer).toMatchObject({
      decision: 'update',
      rule: '5',
      matchedBy: 'identity',
      links: false,
      reason: null,
      changes: { name: [{ givenName: 'Ada' }, { givenName: 'Augusta' }] },
      groups: {
        kind: 'reset',
        added: [{ id: kept.id, displayName: 'Kept', because: 'named', named: [{ value: 'Kept', by: 'displayName' }] }],
        removed: [{ id: lost.id, displayName: 'Lost', because: 'not-asserted' }],
        unknown: ['Nowhere'],
      },
    });
    expect(await call({ nameId: 'bob', attributes: [] })).toMatchObject({
      decision: 'reject',
      rule: 'attributes',
      reason: 'attribute-missing',
    });
  });

  it('verifies a recorded answer as of a given time, without using it up', async () => {
    const attributes = { email: ['new@example.com'], groups: [] };
    const browser = new TestBrowser(server);
    const question = await browser.begin(tenant);
    const xml = responseOf(tenant, question.id, { nameId: 'new', attributes });
    for (const samlResponse of [encode(xml), xml]) {
      expect(await call({ samlResponse })).toMatchObject({
        decision: 'create',
        rule: '9',
        claims: { userName: 'new@example.com' },
        changes: { provenance: [null, 'jit'], userName: [null, 'new@example.com'] },
      });
    }
    expect((await browser.answer(tenant, xml, question.relayState)).status).toBe(303);
    expect(await call({ samlResponse: xml })).toMatchObject({ decision: 'update', matchedBy: 'identity' });
    const late = new Date(server.clock.now().getTime() + 86_400_000).toISOString();
    expect(await call({ samlResponse: xml, at: late })).toMatchObject({
      decision: 'reject',
      rule: 'assertion',
      claims: null,
    });
    const forged = xml.replace('new@example.com', 'admin@example.com');
    expect(await call({ samlResponse: forged })).toMatchObject({ decision: 'reject', reason: 'signature-invalid' });
    expect(await call({ samlResponse: 'nonsense!' })).toMatchObject({ reason: 'response-malformed' });
  });

  it('wants one of the two, and says so', async () => {
    await call({}, 422);
    await call({ nameId: 'a', samlResponse: 'b' }, 422);
  });
});

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
