import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { DirectoryReader } from '../../directory/directory.reader.js';
import type { Organization } from '../../organizations/connection.js';
import { PublicUrl } from '../../platform/public-url.js';
import { RecoveryCodesReconciler } from '../../reconciliation/recovery-codes.reconciler.js';
import { RecoveryCodes, type RecoveryCode } from '../../sessions/recovery-codes.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { CreateRecoveryCodesBody } from '../bodies/recovery.body.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { NewRecoveryCodesView, RecoveryCodeView, RevokedCodesView } from '../views/recovery.view.js';

/** Recovery codes of break-glass people. */
@Controller(ADMIN_PREFIX)
export class RecoveryCodesController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(RecoveryCodes) private readonly codes: RecoveryCodes,
    @Inject(RecoveryCodesReconciler) private readonly reconciler: RecoveryCodesReconciler,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Operation('recovery-code create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) user: string,
    @Body() { count, expiresAt }: CreateRecoveryCodesBody,
    @Operator() operator: Actor,
  ): Promise<NewRecoveryCodesView> {
    const wanted = { count, expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt) };
    const issued = await this.reconciler.issue(organization.id, user, wanted, operator);
    return {
      signInUrl: this.publicUrl.to(`/o/${organization.slug}?noLoginRedirect`),
      userName: issued.userName,
      expiresAt: issued.expiresAt.toISOString(),
      codes: issued.codes,
    };
  }

  @Operation('recovery-code list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) user: string,
    @Query() query: PageQuery,
  ): Promise<Page<RecoveryCodeView>> {
    const db = this.unitOfWork.read;
    if (!(await this.directory.user(db, organization.id, user))) throw notFound(`user ${user}`);
    const request = toPageRequest(query);
    const rows = await this.codes.list(db, organization.id, user, request);
    return toPage(rows, request, toRecoveryCodeView, ({ id }) => id);
  }

  @Operation('recovery-code revoke')
  async revoke(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) user: string,
    @Operator() operator: Actor,
  ): Promise<RevokedCodesView> {
    return { revoked: await this.reconciler.revoke(organization.id, user, operator) };
  }
}

const toRecoveryCodeView = (code: RecoveryCode): RecoveryCodeView => ({
  id: code.id,
  lastFour: code.lastFour,
  createdAt: code.createdAt.toISOString(),
  expiresAt: code.expiresAt.toISOString(),
  usedAt: code.usedAt?.toISOString() ?? null,
  revokedAt: code.revokedAt?.toISOString() ?? null,
});
