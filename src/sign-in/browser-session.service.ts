import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { arrivalTokenOf, sessionTokenOf } from '../sessions/session-cookie.js';
import type { LiveSession } from '../sessions/live-session.js';
import { Sessions } from '../sessions/sessions.service.js';

/** The session of the browser that asks. */
@Injectable()
export class BrowserSession {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** The live session of a Cookie header, which this is a use of; undefined for anything else. */
  async of(cookieHeader: string | undefined): Promise<LiveSession | undefined> {
    const token = sessionTokenOf(cookieHeader, this.publicUrl.isSecure());
    return token === undefined ? undefined : this.sessions.use(this.unitOfWork.read, token, this.clock.now());
  }

  /** The live session that has arrived and is not the browser's yet. */
  async arrived(cookieHeader: string | undefined): Promise<LiveSession | undefined> {
    const token = arrivalTokenOf(cookieHeader, this.publicUrl.isSecure());
    return token === undefined ? undefined : this.sessions.verify(this.unitOfWork.read, token, this.clock.now());
  }
}
