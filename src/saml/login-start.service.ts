import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { randomOpaque } from '../platform/secrets.js';
import { LoginRequests } from '../sessions/login-requests.service.js';
import { UnusableConnection } from './answer.verifier.js';
import { buildAuthnRequest } from './build-authn-request.js';
import { beginningCookies, LOGIN_SECONDS } from './login-cookies.js';
import type { SamlConnection } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';

/** A sign-in under way: where the browser goes and what it keeps. */
export interface StartedLogin {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** Begins a sign-in: remembers the question, so that one answer, at this connection and in this browser, can be accepted. */
@Injectable()
export class LoginStart {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** Throws UnusableConnection. */
  async begin(connection: SamlConnection, targetUrl: string, cookieHeader: string | undefined): Promise<StartedLogin> {
    // An xs:ID may not begin with a digit; 160 random bits (SAML 2.0 core, section 1.3.4).
    const id = `_${randomBytes(20).toString('hex')}`;
    const relayState = randomOpaque();
    const browserSecret = randomOpaque();
    const location = await this.question(connection, id, relayState);
    const createdAt = this.clock.now();
    await this.requests.open(this.unitOfWork.read, connection.organizationId, {
      id,
      connectionId: connection.id,
      targetUrl,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LOGIN_SECONDS * 1000),
      relayState,
      browserSecret,
    });
    return { location, cookies: beginningCookies(cookieHeader, id, browserSecret, this.publicUrl.isSecure()) };
  }

  private async question(connection: SamlConnection, id: string, relayState: string): Promise<string> {
    try {
      const sp = spAddresses(this.publicUrl.get(), connection.id);
      return await buildAuthnRequest(connection.saml, sp, { id, relayState });
    } catch (error) {
      throw new UnusableConnection(error instanceof Error ? error.message : String(error));
    }
  }
}
