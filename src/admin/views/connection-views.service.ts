import { Inject, Injectable } from '@nestjs/common';
import { certificateExpiries } from '../../organizations/certificate-expiry.js';
import type { Connection } from '../../organizations/connection.js';
import { IdpMetadataService } from '../../organizations/idp-metadata.service.js';
import { SpKeys } from '../../organizations/sp-keys.service.js';
import { Clock } from '../../platform/clock.js';
import { PublicUrl } from '../../platform/public-url.js';
import type { ConnectionView } from './connection.view.js';
import { toCertificateExpiryView } from './to-certificate-expiry-view.js';
import { toConnectionView } from './to-tenant-views.js';

/** Connections with how the metadata of their IdPs is doing, and when their certificates expire. */
@Injectable()
export class ConnectionViews {
  constructor(
    @Inject(IdpMetadataService) private readonly metadata: IdpMetadataService,
    @Inject(SpKeys) private readonly keys: SpKeys,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async one(connection: Connection): Promise<ConnectionView> {
    return (await this.viewer(connection.organizationId, [connection]))(connection);
  }

  /** Shows these connections of an organization. */
  async viewer(
    organizationId: string,
    connections: readonly Connection[],
  ): Promise<(connection: Connection) => ConnectionView> {
    const ids = connections.map(({ id }) => id);
    const sources = await this.metadata.sourcesOf(organizationId, ids);
    const keys = await this.keys.live(organizationId, ids);
    const now = this.clock.now();
    return (connection) => {
      const own = keys.filter(({ connectionId }) => connectionId === connection.id);
      const expiries = certificateExpiries(connection.saml?.certificates ?? [], own);
      const views = expiries.map((each) => toCertificateExpiryView(each, now));
      return toConnectionView(connection, this.publicUrl.get(), sources.get(connection.id), views);
    };
  }
}
