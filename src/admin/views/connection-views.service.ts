import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '../../organizations/connection.js';
import { IdpMetadataService } from '../../organizations/idp-metadata.service.js';
import { PublicUrl } from '../../platform/public-url.js';
import type { ConnectionView } from './connection.view.js';
import { toConnectionView } from './to-tenant-views.js';

/** Connections with how the metadata of their IdPs is doing. */
@Injectable()
export class ConnectionViews {
  constructor(
    @Inject(IdpMetadataService) private readonly metadata: IdpMetadataService,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
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
    return (connection) => toConnectionView(connection, this.publicUrl.get(), sources.get(connection.id));
  }
}
