import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer } from './announcer.service.js';
import { DeprovisioningGuard } from './deprovisioning-guard.service.js';
import { GroupReconciler } from './group.reconciler.js';
import { GuardsReconciler } from './guards.reconciler.js';
import { HandOversReconciler } from './hand-overs.reconciler.js';
import { HeldRemovalsReconciler } from './held-removals.reconciler.js';
import { DriftService } from './drift.service.js';
import { ExplainService } from './explain.service.js';
import { HistoryService } from './history.service.js';
import { LateMembers } from './late-members.service.js';
import { LoginFactsService } from './login-facts.service.js';
import { LoginPlanner } from './login-planner.service.js';
import { LoginPreviewer } from './login.previewer.js';
import { LoginReconciler } from './login.reconciler.js';
import { LoginWriter } from './login-writer.service.js';
import { Measuring } from './measuring.service.js';
import { MembershipReset } from './membership-reset.service.js';
import { NewcomerService } from './newcomer.service.js';
import { OperatorPlanner } from './operator-planner.service.js';
import { OperatorReconciler } from './operator.reconciler.js';
import { RecoveryCodesReconciler } from './recovery-codes.reconciler.js';
import { RecoveryReconciler } from './recovery.reconciler.js';
import { RemovalGuard } from './removal-guard.service.js';
import { SchemaReconciler } from './schema.reconciler.js';
import { TakeOverReconciler } from './take-over.reconciler.js';
import { UndoPlanner } from './undo-planner.service.js';
import { UndoWriter } from './undo-writer.service.js';
import { UndoReconciler } from './undo.reconciler.js';
import { UserReconciler } from './user.reconciler.js';

/**
 * The heart: JIT or SCIM? Who owns this membership? Every change of a person, group or membership, whether by SCIM, SAML, REST or
 * command, passes one of the reconcilers, each the same walk: lock -> decide -> plan -> write -> announce.
 * Pure and to be read first: decide-login, decide-provisioning, plan-memberships, decide-guard, wait-for-members, roles, apply-claims, describe-changes.
 * Must not import a door.
 */
@Module({
  imports: [DirectoryModule, SessionsModule, OutboxModule, AuditModule],
  providers: [
    AccessGuard,
    RemovalGuard,
    DeprovisioningGuard,
    Announcer,
    NewcomerService,
    LateMembers,
    MembershipReset,
    LoginFactsService,
    LoginPlanner,
    LoginWriter,
    LoginPreviewer,
    LoginReconciler,
    UserReconciler,
    GroupReconciler,
    OperatorPlanner,
    OperatorReconciler,
    RecoveryReconciler,
    RecoveryCodesReconciler,
    GuardsReconciler,
    HandOversReconciler,
    TakeOverReconciler,
    UndoPlanner,
    UndoWriter,
    UndoReconciler,
    HeldRemovalsReconciler,
    SchemaReconciler,
    HistoryService,
    ExplainService,
    DriftService,
    Measuring,
  ],
  exports: [
    UndoReconciler,
    TakeOverReconciler,
    HandOversReconciler,
    LoginPreviewer,
    LoginReconciler,
    UserReconciler,
    GroupReconciler,
    OperatorReconciler,
    RecoveryReconciler,
    RecoveryCodesReconciler,
    GuardsReconciler,
    HeldRemovalsReconciler,
    SchemaReconciler,
    HistoryService,
    ExplainService,
    DriftService,
  ],
})
export class ReconciliationModule {}
