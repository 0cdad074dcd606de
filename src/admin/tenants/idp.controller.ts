import { setImmediate } from 'node:timers/promises';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { IdpMetadataService } from '../../organizations/idp-metadata.service.js';
import { presetNamed } from '../../organizations/idp-presets/presets.js';
import { MetadataRefresher } from '../../organizations/metadata-refresher.service.js';
import { MetadataVerifier } from '../../organizations/metadata-verifier.js';
import { Clock } from '../../platform/clock.js';
import { PublicUrl } from '../../platform/public-url.js';
import { narrowMetadata } from '../../saml/protocol/narrow-metadata.js';
import type { NarrowMetadata } from '../../saml/protocol/parse-metadata.js';
import {
  ApproveEndpointsBody,
  ConfigureSamlBody,
  ConnectSheetQuery,
  RefreshMetadataBody,
} from '../bodies/saml.body.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { ConnectionViews } from '../views/connection-views.service.js';
import type { ConnectSheetView } from '../views/connect-sheet.view.js';
import type { ConnectionView } from '../views/connection.view.js';
import { toConnectSheet } from '../views/to-connect-sheet.js';
import { demandOneOrigin, signerOf, toWantedIdp } from './to-wanted-idp.js';

/** Which IdP a connection belongs to, and how what is known of it is kept up to date. */
@Controller(ADMIN_PREFIX)
export class IdpController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(IdpMetadataService) private readonly metadata: IdpMetadataService,
    @Inject(MetadataVerifier) private readonly verifier: MetadataVerifier,
    @Inject(MetadataRefresher) private readonly refresher: MetadataRefresher,
    @Inject(ConnectionViews) private readonly views: ConnectionViews,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('connection configure-saml')
  async configureSaml(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() body: ConfigureSamlBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    await this.find(organization, id);
    demandOneOrigin(body);
    const { metadataUrl } = body;
    // Before the transaction: whoever is asked takes their time, and so does the verification.
    const fetched = metadataUrl === undefined ? undefined : await this.metadata.download(metadataUrl);
    const text = fetched?.text ?? body.metadataXml;
    const document = text === undefined ? undefined : await this.read(id, body, text);
    const ownOrigin = new URL(this.publicUrl.get()).origin;
    const connection = await this.metadata.configure(
      organization.id,
      id,
      (current) => toWantedIdp(body, current, { fetched, document, ownOrigin, now: this.clock.now() }),
      operator,
    );
    return this.views.one(connection);
  }

  @Operation('connection connect-sheet')
  async connectSheet(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Query() { preset }: ConnectSheetQuery,
  ): Promise<ConnectSheetView> {
    const connection = await this.find(organization, id);
    const { serviceProvider } = await this.views.one(connection);
    return toConnectSheet(presetNamed(preset ?? connection.preset), serviceProvider);
  }

  @Operation('connection refresh-metadata')
  async refreshMetadata(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { dropLeaving }: RefreshMetadataBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    await this.find(organization, id);
    await this.refresher.refreshNow(organization.id, id, dropLeaving ?? false, operator);
    return this.views.one(await this.find(organization, id));
  }

  @Operation('connection approve-endpoints')
  async approveEndpoints(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { ssoUrl }: ApproveEndpointsBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    return this.views.one(await this.metadata.approve(organization.id, id, ssoUrl, operator));
  }

  /** What is said of the IdP; where somebody must have signed it, what they signed. */
  private async read(id: string, body: ConfigureSamlBody, text: string): Promise<NarrowMetadata> {
    const signer = signerOf(body);
    const document = signer === undefined ? text : await this.verifier.verify(id, text, signer);
    return narrowMetadata(document, body.idpEntityId, setImmediate);
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}
