import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { DirectoryReader } from '../../directory/directory.reader.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import type { Organization } from '../../organizations/connection.js';
import { Clock } from '../../platform/clock.js';
import { OperatorReconciler } from '../../reconciliation/operator.reconciler.js';
import { SessionsReader } from '../../sessions/sessions.reader.js';
import { UsersQuery } from '../bodies/page.query.js';
import { CreateUserBody, UpdateUserBody } from '../bodies/people.body.js';
import { PreviewQuery } from '../bodies/preview.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { RevokedSessionsView } from '../views/record.view.js';
import type { OperatorPreviewView } from '../views/operator-preview.view.js';
import { toOperatorPreview } from '../views/to-operator-preview.js';
import { toUserDetailView, toUserView } from '../views/to-directory-views.js';
import type { UserDetailView, UserView } from '../views/user.view.js';
import { toManualAttributes, toUserCondition } from './to-people-search.js';

/** Of one person, that are shown with them; `session list` has all. */
const MOST_SESSIONS = 200;

@Controller(ADMIN_PREFIX)
export class UsersController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectorySearchReader) private readonly search: DirectorySearchReader,
    @Inject(SessionsReader) private readonly sessions: SessionsReader,
    @Inject(OperatorReconciler) private readonly operators: OperatorReconciler,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('user list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: UsersQuery,
  ): Promise<Page<UserView>> {
    const request = toPageRequest(query);
    const { items } = await this.search.searchUsers(this.unitOfWork.read, organization.id, {
      condition: toUserCondition(query, request),
      from: 0,
      limit: request.limit,
      total: 'none',
      withGroups: false,
    });
    return toPage(
      items,
      request,
      ({ user }) => toUserView(user),
      ({ user }) => user.id,
    );
  }

  @Operation('user create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Body() body: CreateUserBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<UserDetailView | OperatorPreviewView> {
    const { userName, externalId, role } = body;
    const wanted = {
      userName,
      attributes: toManualAttributes(body),
      ...(externalId === undefined ? {} : { externalId }),
      ...(role === undefined ? {} : { role }),
    };
    if (preview)
      return toOperatorPreview(await this.operators.preview(organization.id, { kind: 'create-user', wanted }));
    const { user } = await this.operators.createUser(organization.id, wanted, operator);
    return this.detail(organization, user.id);
  }

  @Operation('user get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
  ): Promise<UserDetailView> {
    return this.detail(organization, id);
  }

  @Operation('user update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
    @Body() body: UpdateUserBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<UserDetailView | OperatorPreviewView> {
    if (preview)
      return toOperatorPreview(await this.operators.preview(organization.id, { kind: 'set-user', id, wanted: body }));
    await this.operators.setUser(organization.id, id, body, operator);
    return this.detail(organization, id);
  }

  @Operation('user revoke-sessions')
  async revokeSessions(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
    @Operator() operator: Actor,
  ): Promise<RevokedSessionsView> {
    return { revoked: await this.operators.revokeSessions(organization.id, id, operator) };
  }

  private async detail({ id: organizationId, roles }: Organization, id: string): Promise<UserDetailView> {
    const db = this.unitOfWork.read;
    const user = await this.directory.user(db, organizationId, id);
    if (!user) throw notFound(`user ${id}`);
    return toUserDetailView(user, {
      roles,
      memberships: await this.directory.membershipsOf(db, organizationId, id),
      identities: await this.directory.identitiesOf(db, organizationId, id),
      sessions: await this.sessions.live(db, organizationId, { userId: id, limit: MOST_SESSIONS }, this.clock.now()),
    });
  }
}
