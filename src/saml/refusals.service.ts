import { Inject, Injectable } from '@nestjs/common';
import { systemActor } from '../audit/actor.js';
import { SignInRecords } from '../audit/sign-in-records.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import type { Connection } from '../organizations/connection.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { Clock } from '../platform/clock.js';
import { newIncidentCode } from '../platform/incident-code.js';
import { Log } from '../platform/logger.js';
import { PublicUrl } from '../platform/public-url.js';
import { DetailKeeper } from './detail-keeper.service.js';
import { SamlRejection } from './protocol/saml-rejection.js';
import { canSignIn, hasExpired, type SamlConnection } from './saml-answer.js';
import { SignInRefused, toRefusalText } from './sign-in-refused.js';
import { spAddresses } from './sp-addresses.js';
import type { Transcript } from './transcript.js';
import { UnusableConnection } from './unusable-connection.js';

/** Turns what stopped a sign-in into a record for the operator and an error whose page tells the person nothing but the code. */
@Injectable()
export class Refusals {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DetailKeeper) private readonly details: DetailKeeper,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Log) private readonly log: Log,
  ) {}

  isUsable(connection: Connection): connection is SamlConnection {
    return canSignIn(connection, this.clock.now());
  }

  /** The connection is switched off, knows no IdP yet, or knows it by metadata that have expired. */
  async notUsable(connection: Connection, correlationId: string): Promise<SignInRefused> {
    const { enabled, disabledReason, metadataValidUntil } = connection;
    if (enabled && hasExpired(connection, this.clock.now())) {
      const detail = { check: 'the metadata of the IdP have not expired', got: metadataValidUntil?.toISOString() };
      return this.record(connection, 'idp-metadata-expired', detail, correlationId);
    }
    const reason = enabled ? 'connection-without-idp' : 'connection-disabled';
    return this.record(connection, reason, { check: reason, got: disabledReason }, correlationId);
  }

  /**
   * A check failed, or something else went wrong on the way. A connection whose settings cannot make a verifier is disabled; an error
   * that nobody foresaw goes to the log, and the person sees the same page.
   */
  async failed(
    connection: Connection,
    error: unknown,
    correlationId: string,
    transcript?: Transcript,
  ): Promise<SignInRefused> {
    if (error instanceof SamlRejection) {
      return this.record(connection, error.reason, error.detail, correlationId, transcript);
    }
    if (error instanceof UnusableConnection) {
      const { organizationId, id } = connection;
      const fault = `its SAML settings cannot be used: ${error.message}`;
      const disabled = await this.connections.disable(organizationId, id, fault, systemActor(correlationId));
      return this.notUsable(disabled, correlationId);
    }
    this.log.failure(error, { correlationId, connectionId: connection.id });
    const detail = { check: 'see the log', got: correlationId };
    return this.record(connection, 'internal-error', detail, correlationId, transcript);
  }

  /** For a refusal that is recorded already. */
  told(connection: Connection, reason: string, incidentCode: string): SignInRefused {
    const startAgain = this.isUsable(connection)
      ? spAddresses(this.publicUrl.get(), connection.id).loginUrl
      : undefined;
    return new SignInRefused(toRefusalText(reason), incidentCode, startAgain);
  }

  private async record(
    connection: Connection,
    reason: string,
    detail: SamlRejection['detail'],
    correlationId: string,
    transcript?: Transcript,
  ): Promise<SignInRefused> {
    const incidentCode = newIncidentCode();
    const signInId = await this.records.append(this.unitOfWork.read, connection.organizationId, {
      connectionId: connection.id,
      incidentCode,
      at: this.clock.now(),
      outcome: 'rejected',
      reason,
      matchedBy: null,
      userId: null,
      sessionId: null,
      claims: null,
      decision: { kind: 'reject', reason, detail },
      correlationId,
    });
    if (transcript) this.details.keep(connection, signInId, transcript, { kind: 'check', failure: { reason, detail } });
    return this.told(connection, reason, incidentCode);
  }
}
