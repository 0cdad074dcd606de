import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import type { LoginOutcome } from '../reconciliation/changes.js';
import { SignInDetails } from '../sessions/sign-in-details.service.js';
import { spAddresses } from './sp-addresses.js';
import { toSignInDetail, type Stop } from './to-sign-in-detail.js';
import type { Transcript } from './transcript.js';

/** Keeps what was received and checked at a sign-in that is recorded. Nobody waits for it. */
@Injectable()
export class DetailKeeper {
  constructor(
    @Inject(SignInDetails) private readonly details: SignInDetails,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  keep(connection: Connection, signInId: string, transcript: Transcript, stop: Stop | undefined): void {
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    this.details.keep({
      organizationId: connection.organizationId,
      connectionId: connection.id,
      signInId,
      at: this.clock.now(),
      detail: () => toSignInDetail(transcript, connection, sp, stop),
    });
  }
}

const USED_UP = new Set(['replay', 'login-request-used']);

/** What stopped a sign-in whose answer was good; undefined: nothing did. */
export function stopOf(outcome: LoginOutcome): Stop | undefined {
  if (outcome.kind === 'accepted') return undefined;
  const { reason } = outcome;
  if (!USED_UP.has(reason)) return { kind: 'decision', reason };
  return { kind: 'check', failure: { reason, detail: { check: 'first use of the assertion and of the request' } } };
}
