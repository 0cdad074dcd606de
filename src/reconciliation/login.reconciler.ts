import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { SignInRecords } from '../audit/sign-in-records.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork, sqlState } from '../database/unit-of-work.service.js';
import { UniquenessError } from '../directory/directory-errors.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { newIncidentCode } from '../platform/incident-code.js';
import { Sessions } from '../sessions/sessions.service.js';
import { UsedAssertions, type AnswerInUse } from '../sessions/used-assertions.service.js';
import { Announcer, type Change } from './announcer.service.js';
import type { LoginClaims, LoginEvidence, LoginOutcome } from './changes.js';
import { decideLogin, type LoginDecision } from './decide-login.js';
import { LoginFactsService, type GatheredFacts } from './login-facts.service.js';
import { LoginPlanner } from './login-planner.service.js';
import { LoginWriter, type LoginChanges } from './login-writer.service.js';

/** A first sign-in that loses against a parallel one of the same person is decided again, and then finds the person. */
const ATTEMPTS = 5;

/** The connection was disabled while the sign-in was under way: what it did is taken back, and it is decided again. */
class DisabledMeanwhile extends Error {}

/** The IdP ended the session while it was being opened: the same. */
class LoggedOutMeanwhile extends Error {}

/**
 * What a verified assertion does: consume the request -> use up the assertion -> gather facts under lock -> decide -> plan -> write ->
 * open the session -> record. One transaction, committed also when the decision is a rejection. Rules: decide-login,
 * plan-memberships.
 */
@Injectable()
export class LoginReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(UsedAssertions) private readonly assertions: UsedAssertions,
    @Inject(LoginFactsService) private readonly facts: LoginFactsService,
    @Inject(LoginPlanner) private readonly planner: LoginPlanner,
    @Inject(LoginWriter) private readonly writer: LoginWriter,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async reconcile(connection: Connection, claims: LoginClaims, evidence: LoginEvidence): Promise<LoginOutcome> {
    let known = connection;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.unitOfWork.run((tx) => this.signIn(tx, known, claims, evidence), 'repeated');
      } catch (error) {
        if (error instanceof DisabledMeanwhile) {
          known = { ...known, enabled: false };
          continue;
        }
        if (error instanceof LoggedOutMeanwhile) continue;
        const lostRace = error instanceof UniquenessError || sqlState(error) === '23505';
        if (!lostRace || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  private async signIn(
    tx: Transaction,
    connection: Connection,
    claims: LoginClaims,
    evidence: LoginEvidence,
  ): Promise<LoginOutcome> {
    const { organizationId } = connection;
    const at = this.clock.now();
    // One answer per request, one session per assertion, none that the IdP has ended already.
    const used = await this.assertions.use(tx, organizationId, toAnswer(connection, claims, evidence), at);
    if (used) return this.reject(tx, connection, claims, evidence, at, used, { kind: 'reject', reason: used });

    const gathered = await this.facts.gather(tx, connection, claims);
    const decision = decideLogin(gathered.facts);
    if (decision.kind === 'reject') {
      return this.reject(tx, connection, claims, evidence, at, decision.reason, decision);
    }
    const actor: Actor = { kind: 'sign-in', id: decision.userId, correlationId: evidence.correlationId };
    const change: Change = { organizationId, at, actor };
    const plan = await this.planner.plan(tx, at, connection, claims, decision, gathered);
    const changes = await this.writer.write(tx, change, connection, claims, decision, plan);
    return this.accept(tx, change, connection, claims, evidence, decision, gathered, changes);
  }

  private async accept(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    evidence: LoginEvidence,
    decision: Exclude<LoginDecision, { kind: 'reject' }>,
    { sessionLimits: limits }: GatheredFacts,
    changes: LoginChanges,
  ): Promise<LoginOutcome> {
    const { organizationId, at } = change;
    await this.tenants.holdForSession(tx, organizationId, connection.id, () => new DisabledMeanwhile());
    const answer = toAnswer(connection, claims, evidence);
    await this.assertions.demandNotLoggedOut(tx, organizationId, answer, at, () => new LoggedOutMeanwhile());
    const ours = new Date(at.getTime() + limits.lifetimeSeconds * 1000);
    const theirs = evidence.sessionNotOnOrAfter;
    const expiresAt = theirs !== undefined && theirs < ours ? theirs : ours;
    const { userId } = changes;
    const session = await this.sessions.open(tx, organizationId, {
      userId,
      connectionId: connection.id,
      subject: claims.subject,
      sentName: evidence.sentName,
      sessionIndex: evidence.sessionIndex,
      authenticatedAt: evidence.authenticatedAt,
      createdAt: at,
      expiresAt,
      idleSeconds: limits.idleSeconds,
    });
    const opened: Event = { type: 'session.opened', subjectId: userId, data: { sessionId: session.id, expiresAt } };
    await this.announcer.announce(tx, change, [...changes.events, opened]);
    const signInId = await this.records.appendIn(tx, organizationId, {
      connectionId: connection.id,
      incidentCode: newIncidentCode(),
      at,
      outcome: 'accepted',
      reason: null,
      matchedBy: decision.matchedBy,
      userId,
      sessionId: session.id,
      claims,
      decision: { ...decision, userId, ...changes.record },
      correlationId: evidence.correlationId,
    });
    return { kind: 'accepted', signInId, userId, sessionId: session.id, sessionToken: session.token, expiresAt };
  }

  private async reject(
    tx: Transaction,
    connection: Connection,
    claims: LoginClaims,
    evidence: LoginEvidence,
    at: Date,
    reason: Extract<LoginOutcome, { kind: 'rejected' }>['reason'],
    decision: Partial<Extract<LoginDecision, { kind: 'reject' }>> | { kind: 'reject'; reason: string },
  ): Promise<LoginOutcome> {
    const incidentCode = newIncidentCode();
    const signInId = await this.records.appendIn(tx, connection.organizationId, {
      connectionId: connection.id,
      incidentCode,
      at,
      outcome: 'rejected',
      reason,
      matchedBy: 'matchedBy' in decision ? (decision.matchedBy ?? null) : null,
      userId: 'userId' in decision ? (decision.userId ?? null) : null,
      sessionId: null,
      claims,
      decision,
      correlationId: evidence.correlationId,
    });
    return { kind: 'rejected', signInId, reason, incidentCode };
  }
}

const toAnswer = (
  { id: connectionId }: Connection,
  { subject }: LoginClaims,
  { replayUntil: expiresAt, ...evidence }: LoginEvidence,
): AnswerInUse => ({ ...evidence, connectionId, subject, expiresAt });
