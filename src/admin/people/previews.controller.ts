import { Body, Controller, Inject, Param } from '@nestjs/common';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { ClaimsReader, type ReadClaims } from '../../reconciliation/claims-reader.js';
import { LoginPreviewer } from '../../reconciliation/login.previewer.js';
import { PreviewBody } from '../bodies/preview.body.js';
import { AdminProblem, notFound } from '../http/admin-problem.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { SignInPreviewView } from '../views/preview.view.js';
import { toRefusedPreviewView, toSignInPreviewView } from '../views/to-preview-view.js';

/** What would happen. Nothing here writes. */
@Controller(ADMIN_PREFIX)
export class PreviewsController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(ClaimsReader) private readonly claims: ClaimsReader,
    @Inject(LoginPreviewer) private readonly previewer: LoginPreviewer,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('connection preview')
  async signIn(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() body: PreviewBody,
  ): Promise<SignInPreviewView> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    const read = await this.read(connection, body);
    if (read.kind === 'refused') return toRefusedPreviewView(read);
    return toSignInPreviewView(read.claims, await this.previewer.preview(connection, read.claims));
  }

  private async read(connection: Connection, body: PreviewBody): Promise<ReadClaims> {
    const { samlResponse, nameId, nameIdFormat, attributes = [], at } = body;
    if ((samlResponse === undefined) === (nameId === undefined)) {
      throw new AdminProblem(422, 'invalid', 'Give either samlResponse or nameId (with attributes).');
    }
    if (nameId !== undefined) return this.claims.fromAttributes(connection, { nameId, nameIdFormat, attributes });
    return this.claims.fromAnswer(connection, samlResponse!, at === undefined ? this.clock.now() : new Date(at));
  }
}
