import { Inject, Injectable } from '@nestjs/common';
import { systemActor } from '../audit/actor.js';
import { DEFAULT_SAML, type Connection, type Organization } from '../organizations/connection.js';
import { AdminTokensService } from '../organizations/admin-tokens.service.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { DomainsService } from '../organizations/domains.service.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import { ScimTokensService } from '../organizations/scim-tokens.service.js';
import { OperatorReconciler } from '../reconciliation/operator.reconciler.js';
import { DEMO_ATTRIBUTES, DEMO_DOMAIN, DEMO_GROUPS, DEMO_IDP_ENTITY_ID, DEMO_SLUG, SCIM_GROUP } from './demo-people.js';

/** What of the IdP a connection has to know. */
export interface DemoIdpFacts {
  readonly ssoUrl: string;
  readonly certificate: string;
}

/** The demo organization as a start finds or makes it; tokens and the group's id only where they were made just now. */
export interface DemoData {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly scimToken: string | undefined;
  readonly adminToken: string | undefined;
  readonly scimGroupId: string | undefined;
}

const ACTOR = systemActor('demo');

/**
 * The demo organization: made in a database without any organization, afterwards left alone. Each step looks before it writes, so that
 * a first start that was interrupted is completed by the next.
 */
@Injectable()
export class DemoSeed {
  constructor(
    @Inject(OrganizationsService) private readonly organizations: OrganizationsService,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(DomainsService) private readonly domains: DomainsService,
    @Inject(ScimTokensService) private readonly scimTokens: ScimTokensService,
    @Inject(AdminTokensService) private readonly adminTokens: AdminTokensService,
    @Inject(OperatorReconciler) private readonly operator: OperatorReconciler,
  ) {}

  /** undefined: the database has organizations, and none of them is the demo. */
  async ensure(idp: DemoIdpFacts): Promise<DemoData | undefined> {
    const organization = await this.organization();
    if (!organization) return undefined;
    const { id: organizationId } = organization;
    const existing = await this.find(organizationId);
    const scimGroupId = existing ? undefined : await this.furnish(organizationId);
    const { id: connectionId } = existing ? await this.follow(existing, idp) : await this.connect(organizationId, idp);
    const tokens = await this.scimTokens.list(organizationId, connectionId);
    const scim =
      tokens.length === 0 && (await this.scimTokens.create(organizationId, connectionId, { name: 'demo' }, ACTOR));
    const admin = !(await this.adminTokens.any()) && (await this.adminTokens.create('demo', null, ACTOR));
    return {
      organizationId,
      connectionId,
      scimToken: scim ? scim.token : undefined,
      adminToken: admin ? admin.token : undefined,
      scimGroupId,
    };
  }

  private async organization(): Promise<Organization | undefined> {
    const existing = await this.organizations.find(DEMO_SLUG);
    if (existing || (await this.organizations.list(undefined, 1)).length > 0) return existing;
    return this.organizations.create({ slug: DEMO_SLUG, name: 'Demo organization' }, ACTOR);
  }

  private async find(organizationId: string): Promise<Connection | undefined> {
    const connections = await this.connections.list(organizationId);
    return connections.find(({ saml }) => saml?.idpEntityId === DEMO_IDP_ENTITY_ID);
  }

  /** Domain and groups; the id of the group that the SCIM example uses. */
  private async furnish(organizationId: string): Promise<string> {
    await this.domains.claim(organizationId, DEMO_DOMAIN, ACTOR);
    await this.domains.verify(organizationId, DEMO_DOMAIN, 'operator', ACTOR);
    for (const displayName of DEMO_GROUPS) await this.group(organizationId, displayName);
    return this.group(organizationId, SCIM_GROUP);
  }

  private async group(organizationId: string, displayName: string): Promise<string> {
    const { id } = await this.operator.createGroup(organizationId, { displayName }, ACTOR);
    return id;
  }

  /** People are made by sign-ins as well as by SCIM, so that both can be tried. */
  private connect(organizationId: string, { ssoUrl, certificate }: DemoIdpFacts): Promise<Connection> {
    const settings = {
      name: 'Demo IdP',
      jit: true,
      scim: true,
      provisioning: { requireScim: false },
      saml: { ...DEFAULT_SAML, idpEntityId: DEMO_IDP_ENTITY_ID, ssoUrl, certificates: [certificate] },
      attributeMapping: DEMO_ATTRIBUTES,
    };
    return this.connections.create(organizationId, settings, ACTOR);
  }

  /** The demo IdP may have another port, or another key because the data directory is new. */
  private async follow(connection: Connection, { ssoUrl, certificate }: DemoIdpFacts): Promise<Connection> {
    const { saml, organizationId, id } = connection;
    if (!saml || (saml.ssoUrl === ssoUrl && saml.certificates.join() === certificate)) return connection;
    return this.connections.update(
      organizationId,
      id,
      { saml: { ...saml, ssoUrl, certificates: [certificate] } },
      ACTOR,
    );
  }
}
