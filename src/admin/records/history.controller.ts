import { Controller, Inject, Param, Query } from '@nestjs/common';
import type { Organization } from '../../organizations/connection.js';
import { HistoryService } from '../../reconciliation/history.service.js';
import { InstantQuery, PastMembersQuery } from '../bodies/history.query.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { GroupHistoryView, PastMemberView, UserHistoryView } from '../views/history.view.js';
import { toGroupHistoryView, toUserHistoryView } from '../views/to-history-views.js';

/** What people and groups were at an instant. Reads only. */
@Controller(ADMIN_PREFIX)
export class HistoryController {
  constructor(@Inject(HistoryService) private readonly history: HistoryService) {}

  @Operation('user history')
  async user(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
    @Query() { at }: InstantQuery,
  ): Promise<UserHistoryView> {
    const instant = new Date(at);
    return toUserHistoryView(instant, organization.roles, await this.history.userAt(organization.id, id, instant));
  }

  @Operation('group history')
  async group(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Query() { at }: InstantQuery,
  ): Promise<GroupHistoryView> {
    const instant = new Date(at);
    return toGroupHistoryView(instant, await this.history.groupAt(organization.id, id, instant));
  }

  @Operation('group history-members')
  async members(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('group', IdPipe) id: string,
    @Query() { at, ...query }: PastMembersQuery,
  ): Promise<Page<PastMemberView>> {
    const request = toPageRequest(query);
    const { members } = await this.history.groupAt(organization.id, id, new Date(at));
    const { after, limit } = request;
    const rest = after === undefined ? members : members.filter(({ userId }) => userId > after);
    const toView = ({ userId, origins }: (typeof rest)[number]): PastMemberView => ({ userId, origins });
    return toPage(rest.slice(0, limit), request, toView, ({ userId }) => userId);
  }
}
