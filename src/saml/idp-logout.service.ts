import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { newIncidentCode } from '../platform/incident-code.js';
import { Log } from '../platform/logger.js';
import type { Page } from '../platform/page.js';
import { PublicUrl } from '../platform/public-url.js';
import { LogoutRequests, type LogoutOutcome } from '../sessions/logout-requests.service.js';
import { Logouts, type LogoutSubject } from '../sessions/logouts.service.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { SessionsReader } from '../sessions/sessions.reader.js';
import type { LogoutResult } from './build-logout-response.js';
import { LogoutRefused } from './logout-refused.js';
import { LogoutSender } from './logout.sender.js';
import { STATUS_PARTIAL_LOGOUT, STATUS_SUCCESS } from './protocol/names.js';
import { isRejection, reject, SamlRejection } from './protocol/saml-rejection.js';
import type { LogoutAnswer, LogoutOrder } from './protocol/validate-logout.js';
import { readLogoutMessage, type ReceivedLogout } from './read-logout-message.js';
import type { SamlConnection } from './saml-answer.js';
import { SignatureVerifier } from './signature.verifier.js';
import { spAddresses, type SpNames } from './sp-addresses.js';
import { UnusableConnection } from './unusable-connection.js';

/** Where the browser goes next: to an address or by a page; `signed-out`: nowhere but our own page. */
export type LogoutNext =
  | { readonly kind: 'onward'; readonly way: string | Page }
  | {
      readonly kind: 'signed-out';
      readonly requestId: string | undefined;
      /** The message was not believed, which is no matter of the person. */
      readonly refusal?: LogoutRefused;
    };

/**
 * What an IdP says at the logout address. A request ends exactly the sessions that it names, whichever browser brings it and with or
 * without a cookie, in one transaction with its record, events and audit entries, and is answered signed. An answer to a request of ours
 * changes nothing but the words of a page. A message that is refused ends nothing and leaves a record.
 */
@Injectable()
export class IdpLogout {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Logouts) private readonly logouts: Logouts,
    @Inject(LogoutRequests) private readonly requests: LogoutRequests,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(SessionsReader) private readonly sessions: SessionsReader,
    @Inject(SignatureVerifier) private readonly signatures: SignatureVerifier,
    @Inject(LogoutSender) private readonly sender: LogoutSender,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Throws LogoutRefused and PoolBusy. */
  async receive(connection: SamlConnection, received: ReceivedLogout, correlationId: string): Promise<LogoutNext> {
    const now = this.clock.now();
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    const message = await readLogoutMessage(received, {
      saml: connection.saml,
      sp,
      now,
      verify: (document) => this.verify(connection, document, sp),
    });
    if (message instanceof SamlRejection) {
      // Some IdPs do not sign their answers. Nothing here depends on them: the person is signed out, the IdP has not confirmed it.
      const isAnswer = carriesAnswer(received);
      if (isAnswer && message.reason === 'signature-missing') return { kind: 'signed-out', requestId: UNCONFIRMED };
      const refusal = await this.refused(connection, message, correlationId);
      if (isAnswer) return { kind: 'signed-out', requestId: UNCONFIRMED, refusal };
      throw refusal;
    }
    if (message.kind === 'response') return this.noteAnswer(connection, message.answer, now);
    const { order, relayState } = message;
    const respond = (result: LogoutResult) =>
      order.wantsNoAnswer ? undefined : this.sender.answer(connection, order.id, result, relayState);
    try {
      const result = await this.end(connection, order, correlationId);
      if (isRejection(result)) throw await this.refused(connection, result, correlationId);
      return toNext(await respond(result));
    } catch (error) {
      if (error instanceof LogoutRefused) throw error;
      // An error of ours is told to the IdP, which must not believe that the sessions are gone.
      this.log.failure(error, { correlationId, connectionId: connection.id });
      const way = await respond('failed');
      if (way === undefined) throw error;
      return toNext(way);
    }
  }

  private async verify({ id, saml }: SamlConnection, document: string, sp: SpNames): Promise<string | SamlRejection> {
    try {
      return await this.signatures.verifyRoot(id, document, saml, sp);
    } catch (error) {
      // Settings that let nobody sign in are for the sign-ins to tell of; here nothing is believed.
      if (!(error instanceof UnusableConnection)) throw error;
      return reject('signature-invalid', 'a signature by a certificate of the connection', error.message);
    }
  }

  private async end(connection: SamlConnection, order: LogoutOrder, correlationId: string) {
    const { organizationId, id: connectionId } = connection;
    const subject = toSubject(connection, order);
    const actor: Actor = { kind: 'idp', id: connectionId, correlationId };
    return this.unitOfWork.run(async (tx): Promise<LogoutResult | SamlRejection> => {
      const at = this.clock.now();
      const { id: requestId, issuedAt, validUntil } = order;
      const message = { connectionId, incidentCode: newIncidentCode(), at, correlationId };
      const taken = await this.logouts.take(tx, organizationId, {
        ...message,
        requestId,
        subject,
        issuedAt,
        validUntil,
      });
      if (taken === undefined) return reject('replay', 'a request that was not taken before', requestId);
      const ended = await this.ender.endIn(tx, organizationId, { connectionId, subject }, 'single-logout', actor);
      await this.logouts.noteEnded(tx, organizationId, taken, ended.length);
      if (subject.sessionIndexes === null) return 'success';
      const left = await this.sessions.countNameless(tx, organizationId, connectionId, subject, at);
      return left === 0 ? 'success' : 'partial';
    });
  }

  private async noteAnswer(
    { organizationId, id }: SamlConnection,
    answer: LogoutAnswer,
    now: Date,
  ): Promise<LogoutNext> {
    const noted = { id: answer.inResponseTo, connectionId: id, outcome: toOutcome(answer) };
    const matches = await this.requests.answer(this.unitOfWork.read, organizationId, noted, now);
    return { kind: 'signed-out', requestId: matches ? answer.inResponseTo : undefined };
  }

  private async refused(
    { organizationId, id: connectionId }: SamlConnection,
    { reason, detail }: SamlRejection,
    correlationId: string,
  ): Promise<LogoutRefused> {
    const message = { connectionId, incidentCode: newIncidentCode(), at: this.clock.now(), correlationId };
    await this.logouts.refuse(this.unitOfWork.read, organizationId, { ...message, reason, detail });
    this.log.info({ correlationId, connectionId, reason }, 'a logout message was refused');
    return new LogoutRefused(message.incidentCode, this.publicUrl.to('/session'));
  }
}

/** Stands for a request whose answer was not believed. */
const UNCONFIRMED = 'unconfirmed';

function carriesAnswer({ raw }: ReceivedLogout): boolean {
  const plain = raw.replace(/%([\da-f]{2})/gi, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return /(?:^|&)SAMLResponse=/.test(raw) && !plain.includes('SAMLRequest');
}

const toNext = (way: string | Page | undefined): LogoutNext =>
  way === undefined ? { kind: 'signed-out', requestId: undefined } : { kind: 'onward', way };

/**
 * "If the NameQualifier is omitted", a persistent name is qualified by the entity ID of the IdP (core 8.3.7): the two are one. A request
 * without a format means the name in any.
 */
function toSubject({ saml }: SamlConnection, { nameId, anyFormat, sessionIndexes }: LogoutOrder): LogoutSubject {
  const own = ['', saml.idpEntityId];
  return {
    value: nameId.value,
    format: anyFormat ? null : nameId.format,
    nameQualifiers: own.includes(nameId.nameQualifier) ? own : [nameId.nameQualifier],
    sessionIndexes: sessionIndexes.length === 0 ? null : sessionIndexes,
  };
}

function toOutcome({ statusCodes }: LogoutAnswer): LogoutOutcome {
  if (statusCodes.includes(STATUS_PARTIAL_LOGOUT)) return 'partial';
  return statusCodes[0] === STATUS_SUCCESS ? 'confirmed' : 'refused';
}
