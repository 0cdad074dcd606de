import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/directory.module.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkService } from './bulk/bulk.service.js';
import { Cursors } from './cursors.service.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { ServiceProviderConfigController } from './discovery/service-provider-config.controller.js';
import { GroupsController } from './groups/groups.controller.js';
import { GroupWrites } from './groups/group-writes.service.js';
import { GroupReads } from './groups/group-reads.service.js';
import { ScimGroupsService } from './groups/scim-groups.service.js';
import { ConnectionTypes } from './http/connection-types.service.js';
import { DialectService } from './http/dialect.service.js';
import { QuirkCounter } from './http/quirk-counter.service.js';
import { RequestGate } from './http/request-gate.service.js';
import { ScimAddresses } from './http/scim-addresses.service.js';
import { ScimTokenGuard, TokenIfAnyGuard } from './http/scim-token.guard.js';
import { UnroutedController } from './http/unrouted.controller.js';
import { MergedSearches } from './search/merged-searches.service.js';
import { RootSearch } from './search/root-search.service.js';
import { SearchController } from './search/search.controller.js';
import { ScimUsersService } from './users/scim-users.service.js';
import { UserWrites } from './users/user-writes.service.js';
import { UsersController } from './users/users.controller.js';

/**
 * The SCIM door (RFC 7643, RFC 7644): what identity providers push. Owns no table.
 *
 * Routes, all below /scim/v2 and all but the last behind ScimTokenGuard, whose token names the connection and its organization:
 *   Users, Users/:id, Groups, Groups/:id                  users/, groups/: controller -> service -> UserReconciler, GroupReconciler, readers
 *   Bulk                                                  bulk/: the writes above, many in one request
 *   .search, Users/.search, Groups/.search                search/: the same lists with the query in the body
 *   ServiceProviderConfig, ResourceTypes, Schemas         discovery/
 *   everything else                                       http/refuse-route: 404, 405, 501
 *
 * A request is a list you can read: request-gate (429) -> scim-body.parser (bytes -> object) -> guard -> protocol/* (object -> query,
 * document, operations; pure) -> one call of a service -> to-scim-* -> project-attributes -> scim.reply. Errors of any kind are worded
 * by to-scim-error.
 * Lists: cursors.service (index or cursor -> place) -> keyset or offset page of the directory -> nextCursor.
 * Groups with very many members: group-reads -> parts of a snapshot -> print-group, print-list -> a stream.
 * Searches: filter text -> parse-filter -> check-filter -> attribute-filter (allow-list) -> Condition -> SQL in the directory;
 * sortBy -> sort-by -> attribute-sort -> SortKey, of both types at once in merged-searches.
 *
 * Invariants: every answer below /scim is SCIM JSON; nothing is written but through the reconcilers; no statement per row.
 * Must not import another door, nor the writers of the directory.
 */
@Module({
  imports: [DirectoryModule, ReconciliationModule],
  controllers: [
    SearchController,
    UsersController,
    GroupsController,
    BulkController,
    DiscoveryController,
    ServiceProviderConfigController,
    UnroutedController,
  ],
  providers: [
    ScimTokenGuard,
    TokenIfAnyGuard,
    ConnectionTypes,
    RequestGate,
    ScimAddresses,
    DialectService,
    QuirkCounter,
    Cursors,
    ScimUsersService,
    ScimGroupsService,
    GroupReads,
    UserWrites,
    GroupWrites,
    MergedSearches,
    RootSearch,
    BulkService,
    DiscoveryService,
  ],
})
export class ScimModule {}
