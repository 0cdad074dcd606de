import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { CliAccess } from './cli/cli-access.service.js';
import { ApiDocument } from './docs/api-document.service.js';
import { DocsController } from './docs/docs.controller.js';
import { InternalToken } from './http/internal-token.service.js';
import { DriftController } from './people/drift.controller.js';
import { GroupsController } from './people/groups.controller.js';
import { TakeOverController } from './people/take-over.controller.js';
import { SessionsController } from './people/sessions.controller.js';
import { RecoveryCodesController } from './people/recovery-codes.controller.js';
import { UsersController } from './people/users.controller.js';
import { HandOversController } from './people/hand-overs.controller.js';
import { UndoController } from './people/undo.controller.js';
import { PreviewsController } from './people/previews.controller.js';
import { ExplainController } from './records/explain.controller.js';
import { HistoryController } from './records/history.controller.js';
import { IncidentsController } from './records/incidents.controller.js';
import { LogoutsController } from './records/logouts.controller.js';
import { RecordsController } from './records/records.controller.js';
import { TestSignInsController } from './records/test-sign-ins.controller.js';
import { AdminTokensController } from './tenants/admin-tokens.controller.js';
import { ConnectionsController } from './tenants/connections.controller.js';
import { DomainsController } from './tenants/domains.controller.js';
import { EncryptionController } from './tenants/encryption.controller.js';
import { GuardsController } from './tenants/guards.controller.js';
import { IdpController } from './tenants/idp.controller.js';
import { OrganizationsController } from './tenants/organizations.controller.js';
import { ScimClientsController } from './tenants/scim-clients.controller.js';
import { SchemasController } from './tenants/schemas.controller.js';
import { ScimTokensController } from './tenants/scim-tokens.controller.js';
import { SpKeysController } from './tenants/sp-keys.controller.js';
import { ConnectionViews } from './views/connection-views.service.js';

/**
 * The operators' door: REST under /admin/v1, its description at /admin/v1/openapi.json and /admin/v1/docs, and the command line, which
 * speaks to it. Everything an operator can do is one line of operations.table.
 * Invariant: no route of that table answers without an operator token. Owns no table: changes go through organizations/ and the
 * operator reconciler.
 */
@Module({
  imports: [OrganizationsModule, DirectoryModule, SessionsModule, ReconciliationModule, AuditModule, OutboxModule],
  controllers: [
    OrganizationsController,
    ConnectionsController,
    IdpController,
    GuardsController,
    ScimTokensController,
    ScimClientsController,
    SchemasController,
    SpKeysController,
    DomainsController,
    UsersController,
    RecoveryCodesController,
    SessionsController,
    GroupsController,
    PreviewsController,
    HandOversController,
    TakeOverController,
    DriftController,
    UndoController,
    RecordsController,
    LogoutsController,
    IncidentsController,
    TestSignInsController,
    HistoryController,
    ExplainController,
    AdminTokensController,
    EncryptionController,
    DocsController,
  ],
  providers: [InternalToken, CliAccess, ApiDocument, ConnectionViews],
})
export class AdminModule {}
