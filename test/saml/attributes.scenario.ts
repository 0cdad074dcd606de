import { randomBytes } from 'node:crypto';
import {
  DEFAULT_PROVISIONING,
  type AttributeMapping,
  type ProvisioningSettings,
} from '../../src/organizations/connection.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR } from '../support/engine.js';
import { createSamlTenant, lastRecord, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';
import { MS_GROUPS, standingAlone, STATEMENTS } from './attribute-statements.js';

/** What IdPs send, over the whole way: the statement in the assertion, the groups and the role of the person afterwards. */

let server: TestServer;
let engine: Engine;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
});
afterAll(() => server.close());

/** A tenant with the two groups that Entra's statement names by object id. */
async function tenantOf(attributeMapping: AttributeMapping, provisioning: Partial<ProvisioningSettings> = {}) {
  const tenant = await createSamlTenant(
    server,
    {},
    { attributeMapping, provisioning: { ...DEFAULT_PROVISIONING, ...provisioning } },
  );
  for (const [displayName, end] of [
    ['Engineering', '1'],
    ['Payroll', '2'],
  ]) {
    const externalId = `0a1b2c3d-0000-4000-8000-00000000000${end}`;
    await engine.operator.createGroup(tenant.organization.id, { displayName: displayName!, externalId }, OPERATOR);
  }
  return tenant;
}

const signIn = async (tenant: SamlTenant, statement: string) => {
  const { status } = await new TestBrowser(server).signIn(tenant, {
    attributes: {},
    attributeXml: standingAlone(statement),
  });
  expect(status).toBe(303);
};

const groupsIn = async ({ organization }: SamlTenant) =>
  (
    await server.sql<{ name: string }>(
      `SELECT g.display_name AS name FROM memberships m
       JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 ORDER BY 1`,
      [organization.id],
    )
  ).map(({ name }) => name);

describe('groups of an assertion', () => {
  it('#24 the link that Entra ID sends instead of very many groups keeps groups and is flagged', async () => {
    const tenant = await tenantOf({ groups: [MS_GROUPS] });
    await signIn(tenant, STATEMENTS.entra);
    expect(await groupsIn(tenant)).toEqual(['Engineering', 'Payroll']);

    const effects = await sideEffects(server, () => signIn(tenant, STATEMENTS.entraOverage), tenant.organization.id);
    expect(await groupsIn(tenant)).toEqual(['Engineering', 'Payroll']);
    expect(effects.rows['memberships']).toBeUndefined();
    expectEvents(effects, ['groups.overage', 'session.opened']);
    expect(await lastRecord(server, tenant)).toMatchObject({
      outcome: 'accepted',
      claims: { groups: { kind: 'overage' } },
      decision: { groups: { plan: { kind: 'overage' } } },
    });
  });

  it.each([
    ['remove', []],
    ['keep', ['Engineering', 'Payroll']],
  ] as const)('that are not in it: %s', async (whenGroupsAbsent, left) => {
    const tenant = await tenantOf({ groups: [MS_GROUPS] }, { whenGroupsAbsent });
    await signIn(tenant, STATEMENTS.entra);
    await signIn(tenant, STATEMENTS.entra.replace(/<Attribute Name="[^"]*groups".*?<\/Attribute>/, ''));
    expect(await groupsIn(tenant)).toEqual(left);
  });

  it('are not looked at where the connection maps none', async () => {
    const tenant = await tenantOf({});
    await signIn(tenant, STATEMENTS.entra);
    expect(await groupsIn(tenant)).toEqual([]);
    expect(await lastRecord(server, tenant)).toMatchObject({ claims: { groups: { kind: 'unmapped' } } });
  });

  it.each([
    ['google', 'Groups'],
    ['jumpcloud', 'memberOf'],
    ['simplesamlphp', 'groups'],
  ] as const)('of %s are a list, also where there is one', async (idp, name) => {
    const tenant = await tenantOf({ groups: [name] });
    await signIn(tenant, STATEMENTS[idp]);
    expect(await groupsIn(tenant)).toEqual(['Engineering']);
  });
});

it('#24 one of the Role attributes that Keycloak sends gives the role', async () => {
  const tenant = await tenantOf({});
  await signIn(tenant, STATEMENTS.keycloak);
  const people = await server.sql(`SELECT user_name, role FROM users WHERE organization_id = $1`, [
    tenant.organization.id,
  ]);
  expect(people).toEqual([{ user_name: 'ada@example.com', role: 'admin' }]);
});

it('#20 names longer than the database can find are nobody: no userName refuses, no group is made, and nothing breaks', async () => {
  const tenant = await tenantOf({ userName: ['uid'], groups: ['groups'] }, { unknownGroups: 'create' });
  // Of random digits, so that nothing can be compressed.
  const long = randomBytes(5000).toString('hex');
  const withGroup = { uid: ['ada'], email: [`${long}@example.com`], groups: [long, 'Research'] };
  const { status } = await new TestBrowser(server).signIn(tenant, { attributes: withGroup });
  expect(status).toBe(303);
  expect(await groupsIn(tenant)).toEqual(['Research']);
  const refused = await new TestBrowser(server).signIn(tenant, { nameId: 'nobody-1', attributes: { uid: [long] } });
  expect(refused.status).toBe(403);
  expect(await lastRecord(server, tenant)).toMatchObject({
    outcome: 'rejected',
    claims: { missing: [{ field: 'userName' }] },
  });
});
