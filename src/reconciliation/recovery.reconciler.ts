import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { SignInRecords } from '../audit/sign-in-records.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { CandidatesReader } from '../directory/candidates.reader.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { nameKey } from '../directory/name-key.js';
import { networkOf } from '../organizations/attempts.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { newIncidentCode } from '../platform/incident-code.js';
import { hashToken } from '../platform/secrets.js';
import { RecoveryAttempts, type AttemptKey } from '../sessions/recovery-attempts.service.js';
import { RecoveryCodes, type RecoveryCode } from '../sessions/recovery-codes.service.js';
import { Sessions } from '../sessions/sessions.service.js';
import { Announcer, type Change } from './announcer.service.js';
import type { LoginOutcome } from './changes.js';
import { refuseRecovery } from './decide-recovery.js';

/** What somebody typed, and from where. */
export interface RecoveryAttempt {
  /** A user name or an e-mail address. */
  readonly name: string;
  /** In the spelling in which it was made. */
  readonly code: string;
  readonly address: string;
  readonly correlationId: string;
}

export type RecoveryOutcome =
  | Omit<Extract<LoginOutcome, { kind: 'accepted' }>, 'signInId'>
  | { readonly kind: 'rejected'; readonly incidentCode: string }
  | { readonly kind: 'too-many'; readonly retryAfter: number };

/** An emergency is over sooner than a day's work. */
const SESSION_SECONDS = 3600;
/** Of one address for one name: five, and one more every three minutes. */
const OF_PERSON = { burst: 5, perSecond: 1 / 180 };
/** Of one address for all names. */
const OF_ADDRESS = { burst: 20, perSecond: 1 / 60 };

/**
 * Sign-ins with a recovery code: count the attempt -> lock the person -> decide -> use the code up -> open the session -> announce ->
 * record. No IdP and no connection has a part in it, and nothing of the person changes. Rules: decide-recovery. Every refusal takes the
 * same statements. Attempts are counted by where they come from, for a name and altogether: whoever knows a name must not be able to
 * keep that person out, and a code of 100 random bits needs no more.
 */
@Injectable()
export class RecoveryReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CandidatesReader) private readonly candidates: CandidatesReader,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(RecoveryAttempts) private readonly attempts: RecoveryAttempts,
    @Inject(RecoveryCodes) private readonly codes: RecoveryCodes,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async signIn(organizationId: string, attempt: RecoveryAttempt): Promise<RecoveryOutcome> {
    const keys = keysOf(attempt);
    // Committed by itself: an attempt counts whatever becomes of it.
    const retryAfter = await this.unitOfWork.run((tx) => this.count(tx, organizationId, attempt, keys));
    if (retryAfter > 0) return { kind: 'too-many', retryAfter };
    return this.unitOfWork.run((tx) => this.judge(tx, organizationId, attempt, keys));
  }

  /** 0, or the seconds to wait. */
  private async count(
    tx: Transaction,
    organizationId: string,
    { name, address, correlationId }: RecoveryAttempt,
    keys: ReturnType<typeof keysOf>,
  ): Promise<number> {
    const at = this.clock.now();
    const { retryAfter, tell } = await this.attempts.take(tx, organizationId, keys, at);
    if (tell.length === 0) return retryAfter;
    const [userId = null] = await this.candidates.named(tx, organizationId, nameKey(name));
    const data = { address: networkOf(address), by: tell.map((key) => key.split(' ', 1)[0]), userId };
    const actor: Actor = { kind: 'system', id: null, correlationId };
    await this.announcer.announce(tx, { organizationId, at, actor }, [
      { type: 'recovery.attempts-exceeded', subjectId: organizationId, data },
    ]);
    return retryAfter;
  }

  private async judge(
    tx: Transaction,
    organizationId: string,
    attempt: RecoveryAttempt,
    keys: readonly AttemptKey[],
  ): Promise<RecoveryOutcome> {
    const now = this.clock.now();
    const named = await this.candidates.named(tx, organizationId, nameKey(attempt.name));
    const code = await this.codes.find(tx, organizationId, attempt.code);
    // Several people may have the address that was typed; the code knows who it is.
    const meant = named.find((id) => id === code?.userId) ?? named[0];
    const person = await this.directory.lockUser(tx, organizationId, meant ?? newId());
    const reason = refuseRecovery({ person, code, now });
    if (reason !== undefined) return this.reject(tx, organizationId, attempt, now, reason, meant ?? null);
    // Somebody was quicker with the same code.
    if (!(await this.codes.use(tx, organizationId, code!.id, now))) {
      return this.reject(tx, organizationId, attempt, now, 'code-used', person!.id);
    }
    await this.attempts.giveBack(tx, organizationId, keys);
    const actor: Actor = { kind: 'sign-in', id: person!.id, correlationId: attempt.correlationId };
    return this.accept(tx, { organizationId, at: now, actor }, attempt, code!);
  }

  private async accept(
    tx: Transaction,
    change: Change,
    { address, correlationId }: RecoveryAttempt,
    { id: codeId, userId }: RecoveryCode,
  ): Promise<RecoveryOutcome> {
    const { organizationId, at } = change;
    const { lifetimeSeconds, idleSeconds } = await this.tenants.sessionLimits(tx, organizationId);
    const expiresAt = new Date(at.getTime() + Math.min(SESSION_SECONDS, lifetimeSeconds) * 1000);
    const session = await this.sessions.open(tx, organizationId, {
      userId,
      connectionId: null,
      subject: null,
      sessionIndex: undefined,
      authenticatedAt: at,
      createdAt: at,
      expiresAt,
      idleSeconds,
    });
    const left = await this.codes.left(tx, organizationId, userId, at);
    const events: Event[] = [
      { type: 'user.recovery-code-used', subjectId: userId, data: { codeId, left, address: networkOf(address) } },
      { type: 'session.opened', subjectId: userId, data: { sessionId: session.id, expiresAt } },
    ];
    await this.announcer.announce(tx, change, events);
    await this.records.appendIn(tx, organizationId, {
      connectionId: null,
      incidentCode: newIncidentCode(),
      at,
      outcome: 'accepted',
      reason: null,
      matchedBy: 'recovery-code',
      userId,
      sessionId: session.id,
      claims: null,
      decision: { kind: 'accept', matchedBy: 'recovery-code', userId, codeId, left, address },
      correlationId,
    });
    return { kind: 'accepted', userId, sessionId: session.id, sessionToken: session.token, expiresAt };
  }

  private async reject(
    tx: Transaction,
    organizationId: string,
    { address, correlationId }: RecoveryAttempt,
    at: Date,
    reason: string,
    userId: string | null,
  ): Promise<RecoveryOutcome> {
    const incidentCode = newIncidentCode();
    await this.records.appendIn(tx, organizationId, {
      connectionId: null,
      incidentCode,
      at,
      outcome: 'rejected',
      reason,
      matchedBy: null,
      userId,
      sessionId: null,
      claims: null,
      decision: { kind: 'reject', reason, detail: { check: 'recovery-code', address } },
      correlationId,
    });
    return { kind: 'rejected', incidentCode };
  }
}

/** What was typed as a name may be anything, a code too: only its hash is kept. */
function keysOf({ name, address }: RecoveryAttempt): [AttemptKey, AttemptKey] {
  const network = networkOf(address);
  return [
    { key: `address ${network}`, limit: OF_ADDRESS },
    { key: `person ${hashToken(nameKey(name)).toString('hex')} ${network}`, limit: OF_PERSON },
  ];
}
