import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import type { LoginClaims } from './changes.js';
import { decideLogin } from './decide-login.js';
import { describeLogin, type LoginPreview } from './describe-login.js';
import { LoginFactsService } from './login-facts.service.js';
import { LoginPlanner } from './login-planner.service.js';

/**
 * What a sign-in would do (design section 7): the facts, the decision and the plan of the login reconciler, made on a snapshot that
 * cannot be written to, and described instead of carried out.
 */
@Injectable()
export class LoginPreviewer {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(LoginFactsService) private readonly facts: LoginFactsService,
    @Inject(LoginPlanner) private readonly planner: LoginPlanner,
  ) {}

  async preview(connection: Connection, claims: LoginClaims): Promise<LoginPreview> {
    return this.unitOfWork.look(async (db) => {
      const gathered = await this.facts.gather(db, connection, claims);
      const decision = decideLogin(gathered.facts);
      if (decision.kind === 'reject') return describeLogin(decision, undefined, [], claims);
      const plan = await this.planner.plan(db, this.clock.now(), connection, claims, decision, gathered);
      const defaults = plan.kind === 'create' ? await this.directory.defaultGroups(db, connection.organizationId) : [];
      return describeLogin(decision, plan, defaults, claims);
    });
  }
}
