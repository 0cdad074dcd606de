import type { Organization, SamlSettings } from '../../src/organizations/connection.js';
import { DEFAULT_PROVISIONING, DEFAULT_SAML } from '../../src/organizations/connection.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { OrganizationsService } from '../../src/organizations/organizations.service.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createConnection, createOrganization, createTenant, TEST_OPERATOR } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { certificate } from './certificates.js';

describe('connections', () => {
  let server: TestServer;
  let connections: ConnectionsService;
  let organization: Organization;
  let saml: SamlSettings;

  beforeAll(async () => {
    server = await startTestServer();
    connections = server.app.get(ConnectionsService);
    organization = await createOrganization(server);
    saml = {
      ...DEFAULT_SAML,
      idpEntityId: 'https://idp.example.com',
      ssoUrl: 'https://idp.example.com/sso',
      certificates: [await certificate()],
    };
  });
  afterAll(() => server.close());

  const store = (id: string, column: 'provisioning' | 'saml' | 'attribute_mapping', value: unknown) =>
    server.sql(`UPDATE connections SET ${column} = $2 WHERE id = $1`, [id, JSON.stringify(value)]);

  it('begins with the default provisioning and the least powerful role', async () => {
    const { id: organizationId } = await createOrganization(server, { roles: ['owner', 'editor', 'reader'] });
    let id = '';
    const effects = await sideEffects(server, async () => {
      ({ id } = await connections.create(organizationId, { name: 'Okta' }, TEST_OPERATOR));
    });
    expect(effects.rows).toEqual({ connections: '+1', audit_entries: '+1' });
    expect(effects.audit).toEqual([['connection.created', id]]);
    expect(await connections.get(organizationId, id)).toMatchObject({
      enabled: true,
      jit: true,
      scim: false,
      saml: null,
      provisioning: { ...DEFAULT_PROVISIONING, defaultRole: 'reader' },
      organizationRoles: ['owner', 'editor', 'reader'],
    });
  });

  it('writes down what changed, from what to what, and nothing when nothing did', async () => {
    const { id } = await createConnection(server, organization, { name: 'Before' });
    const change = () =>
      connections.update(
        organization.id,
        id,
        { name: 'After', provisioning: { unknownGroups: 'create' } },
        TEST_OPERATOR,
      );
    const effects = await sideEffects(server, change);
    expect(effects.rows).toEqual({ connections: '~1', audit_entries: '+1' });
    expect(effects.columns).toEqual({ connections: ['name', 'provisioning', 'updated_at'] });
    const [entry] = await server.sql<{ changes: Record<string, unknown> }>(
      `SELECT changes FROM audit_entries WHERE target_id = $1 AND action = 'connection.updated'`,
      [id],
    );
    expect(Object.keys(entry!.changes).sort()).toEqual(['name', 'provisioning']);
    expect(entry!.changes['name']).toEqual(['Before', 'After']);
    expectNoEffects(await sideEffects(server, change));
  });

  it.each([
    ['a role nobody has', { provisioning: { defaultRole: 'king' } }],
    ['a mapping to a role nobody has', { provisioning: { roleMapping: [{ value: 'x', role: 'king' }] } }],
    [
      'a group that does not exist',
      { provisioning: { groupMapping: [{ value: 'x', groupId: '0192a0c0-0000-7000-8000-000000000001' }] } },
    ],
    ['a group id that is none', { provisioning: { groupMapping: [{ value: 'x', groupId: 'Staff' }] } }],
    [
      'an IdP without certificates',
      { saml: { ...DEFAULT_SAML, idpEntityId: 'x', ssoUrl: 'https://x.example', certificates: [] } },
    ],
  ])('refuses %s', async (_what, settings) => {
    const { id } = await createConnection(server, organization);
    const effects = await sideEffects(server, () =>
      expect(connections.update(organization.id, id, settings, TEST_OPERATOR)).rejects.toMatchObject({
        reason: 'invalid',
      }),
    );
    expectNoEffects(effects);
  });

  it("refuses another organization's group in the mapping", async () => {
    const other = await createOrganization(server);
    const group = await server.app
      .get(OperatorReconciler)
      .createGroup(other.id, { displayName: 'Staff' }, TEST_OPERATOR);
    const { id } = await createConnection(server, organization);
    const settings = { provisioning: { groupMapping: [{ value: 'x', groupId: group.id }] } };
    await expect(connections.update(organization.id, id, settings, TEST_OPERATOR)).rejects.toMatchObject({
      reason: 'invalid',
    });
    await expect(connections.update(other.id, id, { name: 'taken' }, TEST_OPERATOR)).rejects.toMatchObject({
      reason: 'not-found',
    });
    expect(await connections.get(other.id, id)).toBeUndefined();
    expect((await connections.findById(id))?.organizationId).toBe(organization.id);
  });

  it('is disabled and enabled with an event and an audit entry, once', async () => {
    const { id } = await createConnection(server, organization);
    const disable = () => connections.disable(organization.id, id, 'contract ended', TEST_OPERATOR);
    const disabled = await sideEffects(server, disable);
    expect(disabled.rows).toEqual({ connections: '~1', audit_entries: '+1' });
    expectEvents(disabled, [['connection.disabled', id]]);
    expect(await connections.get(organization.id, id)).toMatchObject({
      enabled: false,
      disabledReason: 'contract ended',
    });
    expectNoEffects(await sideEffects(server, disable));
    const enabled = await sideEffects(server, () => connections.enable(organization.id, id, TEST_OPERATOR));
    expectEvents(enabled, [['connection.enabled', id]]);
    expect(await connections.get(organization.id, id)).toMatchObject({ enabled: true, disabledReason: null });
  });

  it.each([
    ['provisioning', 'nonsense', 'provisioning is no object'],
    ['provisioning', { roleMapping: 7 }, 'provisioning.roleMapping must be a list'],
    [
      'saml',
      { idpEntityId: 'x', ssoUrl: 'https://x.example', certificates: ['?'] },
      'saml.certificates: it is not an X.509 certificate in PEM form',
    ],
    ['attribute_mapping', ['groups'], 'attributeMapping is no object'],
  ] as const)(
    'disables itself when its stored %s cannot be used, and nothing else fails',
    async (column, value, reason) => {
      const tenant = await createTenant(server);
      const { id, organizationId } = tenant.connection;
      const neighbour = await createConnection(server, tenant.organization);
      await store(id, column, value);
      const effects = await sideEffects(server, () => connections.findById(id));
      expect(effects.rows).toEqual({ connections: '~1', audit_entries: '+1' });
      expectEvents(effects, [['connection.disabled', id]]);
      expect(await connections.get(organizationId, id)).toMatchObject({ enabled: false, disabledReason: reason });
      const [entry] = await server.sql<{ actor_kind: string }>(
        `SELECT actor_kind FROM audit_entries WHERE target_id = $1 AND action = 'connection.disabled'`,
        [id],
      );
      expect(entry!.actor_kind).toBe('system');
      // Once is enough; the neighbour and the provisioning client get answers.
      expectNoEffects(await sideEffects(server, () => connections.findById(id)));
      expect(await connections.get(organizationId, neighbour.id)).toMatchObject({ enabled: true });
      await expect(connections.enable(organizationId, id, TEST_OPERATOR)).rejects.toMatchObject({ reason: 'conflict' });
    },
  );

  it('is mended by new settings and can be enabled again', async () => {
    const { id } = await createConnection(server, organization, { saml });
    await store(id, 'provisioning', 'nonsense');
    expect(await connections.get(organization.id, id)).toMatchObject({ enabled: false });
    await connections.update(organization.id, id, { provisioning: DEFAULT_PROVISIONING }, TEST_OPERATOR);
    expect(await connections.enable(organization.id, id, TEST_OPERATOR)).toMatchObject({ enabled: true, saml });
    expect(await connections.get(organization.id, id)).toMatchObject({ enabled: true });
  });

  it('a role that a connection gives cannot be taken away from its organization, whichever comes first', async () => {
    const organizations = server.app.get(OrganizationsService);
    const { id: organizationId } = await createOrganization(server, { roles: ['admin', 'editor', 'member'] });
    const { id } = await connections.create(organizationId, { name: 'x' }, TEST_OPERATOR);
    const outcomes = await Promise.allSettled([
      connections.update(
        organizationId,
        id,
        { provisioning: { roleMapping: [{ value: 'e', role: 'editor' }] } },
        TEST_OPERATOR,
      ),
      organizations.update(organizationId, { roles: ['admin', 'member'] }, TEST_OPERATOR),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await connections.get(organizationId, id)).toMatchObject({ enabled: true });
  });

  it('a change whose audit entry cannot be written is no change', async () => {
    const { id } = await createConnection(server, organization, { name: 'kept' });
    await server.sql(
      `ALTER TABLE audit_entries ADD CONSTRAINT full_up CHECK (action <> 'connection.updated') NOT VALID`,
    );
    try {
      await expect(connections.update(organization.id, id, { name: 'lost' }, TEST_OPERATOR)).rejects.toThrow();
    } finally {
      await server.sql(`ALTER TABLE audit_entries DROP CONSTRAINT full_up`);
    }
    expect(await connections.get(organization.id, id)).toMatchObject({ name: 'kept' });
  });
});
