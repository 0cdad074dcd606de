import { Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { GroupReads } from '../groups/group-reads.service.js';
import { sendList, sendShownList } from '../http/scim.reply.js';
import { bodyOf, type ScimReply, type ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { LIST_OPTIONS } from '../limits.js';
import { parseSearchRequest } from '../protocol/list-query.js';
import { toProjection } from '../protocol/project-attributes.js';
import { ScimUsersService } from '../users/scim-users.service.js';
import { RootSearch } from './root-search.service.js';

/** POST .search: the lists of the other controllers with the query in the body, where it stays out of logs (RFC 7644 section 3.4.3). */
@Controller('scim/v2')
@UseGuards(ScimTokenGuard)
export class SearchController {
  constructor(
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(GroupReads) private readonly groups: GroupReads,
    @Inject(RootSearch) private readonly root: RootSearch,
  ) {}

  @Post('.search')
  @HttpCode(200)
  async everything(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseSearchRequest(bodyOf(request), LIST_OPTIONS);
    await sendShownList(reply, await this.root.search(request.caller, query));
  }

  @Post('Users/.search')
  @HttpCode(200)
  async ofUsers(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseSearchRequest(bodyOf(request), LIST_OPTIONS);
    const projection = toProjection(request.caller.types.User, query);
    await sendList(reply, await this.users.list(request.caller, query, projection), projection);
  }

  @Post('Groups/.search')
  @HttpCode(200)
  async ofGroups(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseSearchRequest(bodyOf(request), LIST_OPTIONS);
    const projection = toProjection(request.caller.types.Group, query);
    await sendList(reply, await this.groups.list(request.caller, query, projection), projection);
  }
}
