import { Controller, Inject, Param } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { PublicUrl } from '../../platform/public-url.js';
import type { TestSignInResult } from '../../reconciliation/test-sign-in-result.js';
import { TestSignIns } from '../../sessions/test-sign-ins.service.js';
import { AdminProblem, notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { TestSignInView } from '../views/sign-in-detail.view.js';
import { toTestSignInView } from '../views/to-test-sign-in-view.js';

/** Sign-ins of operators that change nothing: made here, done in a browser, read here. */
@Controller(ADMIN_PREFIX)
export class TestSignInsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(TestSignIns) private readonly tests: TestSignIns,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Operation('connection test-sign-in')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Operator() operator: Actor,
  ): Promise<TestSignInView> {
    const connection = await this.find(organization, connectionId);
    if (connection.saml === null) {
      throw new AdminProblem(409, 'conflict', 'The connection knows no IdP yet: connection configure-saml.');
    }
    const now = this.clock.now();
    const { token, ...test } = await this.unitOfWork.run((tx) =>
      this.tests.create(tx, organization.id, connectionId, now, operator),
    );
    const address = this.publicUrl.to(`/saml/${connectionId}/test/${token}`);
    return toTestSignInView({ ...test, connectionId, createdAt: now, startedAt: null, endedAt: null }, now, {
      address,
    });
  }

  @Operation('connection test-sign-in-result')
  async result(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Param('testSignIn', IdPipe) id: string,
  ): Promise<TestSignInView> {
    const test = await this.tests.get(this.unitOfWork.read, organization.id, connectionId, id);
    if (!test) throw notFound(`test sign-in ${id}`);
    const { result, ...rest } = test;
    return toTestSignInView(rest, this.clock.now(), { result: result as TestSignInResult | undefined });
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}
