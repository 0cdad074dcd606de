import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { DirectoryReader } from '../../directory/directory.reader.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import type { Group } from '../../directory/directory-types.js';
import { GroupMembersReader } from '../../directory/group-members.reader.js';
import { WaitingMembersReader } from '../../directory/waiting-members.reader.js';
import type { Organization } from '../../organizations/connection.js';
import { Clock } from '../../platform/clock.js';
import type { OperatorCommand } from '../../reconciliation/operator-plan.js';
import { OperatorReconciler } from '../../reconciliation/operator.reconciler.js';
import { forgottenUntil } from '../../reconciliation/wait-for-members.js';
import { GroupsQuery, NamePageQuery, PageQuery } from '../bodies/page.query.js';
import { CreateGroupBody, MembersBody, UpdateGroupBody } from '../bodies/people.body.js';
import { PreviewQuery } from '../bodies/preview.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { GroupView, MemberView, WaitingMemberView } from '../views/group.view.js';
import type { OperatorPreviewView } from '../views/operator-preview.view.js';
import { toOperatorPreview } from '../views/to-operator-preview.js';
import { toGroupView, toMemberView, toWaitingMemberView } from '../views/to-directory-views.js';
import { toGroupCondition } from './to-people-search.js';

@Controller(ADMIN_PREFIX)
export class GroupsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectorySearchReader) private readonly search: DirectorySearchReader,
    @Inject(GroupMembersReader) private readonly membersReader: GroupMembersReader,
    @Inject(WaitingMembersReader) private readonly waitingReader: WaitingMembersReader,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(OperatorReconciler) private readonly operators: OperatorReconciler,
  ) {}

  @Operation('group list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: GroupsQuery,
  ): Promise<Page<GroupView>> {
    const request = toPageRequest(query);
    const { items } = await this.search.searchGroups(this.unitOfWork.read, organization.id, {
      condition: toGroupCondition(query, request),
      from: 0,
      limit: request.limit,
      total: 'none',
    });
    return toPage(items, request, toGroupView, ({ id }) => id);
  }

  @Operation('group create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Body() body: CreateGroupBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<GroupView | OperatorPreviewView> {
    if (preview) return this.preview(organization, { kind: 'create-group', wanted: body });
    return toGroupView(await this.operators.createGroup(organization.id, body, operator));
  }

  @Operation('group get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
  ): Promise<GroupView> {
    return toGroupView(await this.find(organization, id));
  }

  @Operation('group update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Body() body: UpdateGroupBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<GroupView | OperatorPreviewView> {
    if (preview) return this.preview(organization, { kind: 'set-group', id, wanted: body });
    return toGroupView(await this.operators.setGroup(organization.id, id, body, operator));
  }

  @Operation('group delete')
  async delete(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<OperatorPreviewView | undefined> {
    if (preview) return this.preview(organization, { kind: 'delete-group', id });
    await this.operators.deleteGroup(organization.id, id, operator);
    return undefined;
  }

  @Operation('group members')
  async members(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<MemberView>> {
    await this.find(organization, id);
    const request = toPageRequest(query);
    const rows = await this.membersReader.membersOf(this.unitOfWork.read, organization.id, id, request);
    return toPage(rows, request, toMemberView, (member) => member.id);
  }

  @Operation('group waiting-members')
  async waitingMembers(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Query() query: NamePageQuery,
  ): Promise<Page<WaitingMemberView>> {
    await this.find(organization, id);
    // Values are compared exactly, so the cursor keeps its case.
    const request = { ...toPageRequest(query), after: query.after };
    const until = forgottenUntil(this.clock.now());
    const rows = await this.waitingReader.list(this.unitOfWork.read, organization.id, id, { ...request, until });
    return toPage(rows, request, toWaitingMemberView, ({ value }) => value);
  }

  @Operation('group add-members')
  async addMembers(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Body() { userIds }: MembersBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<OperatorPreviewView | undefined> {
    if (preview) return this.preview(organization, { kind: 'add-members', id, userIds });
    await this.operators.addMembers(organization.id, id, userIds, operator);
    return undefined;
  }

  @Operation('group remove-members')
  async removeMembers(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Body() { userIds }: MembersBody,
    @Query() { preview }: PreviewQuery,
    @Operator() operator: Actor,
  ): Promise<OperatorPreviewView | undefined> {
    if (preview) return this.preview(organization, { kind: 'remove-members', id, userIds });
    await this.operators.removeMembers(organization.id, id, userIds, operator);
    return undefined;
  }

  private async preview(organization: Organization, command: OperatorCommand): Promise<OperatorPreviewView> {
    return toOperatorPreview(await this.operators.preview(organization.id, command));
  }

  private async find(organization: Organization, id: string): Promise<Group> {
    const group = await this.directory.group(this.unitOfWork.read, organization.id, id);
    if (!group) throw notFound(`group ${id}`);
    return group;
  }
}
