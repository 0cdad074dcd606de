import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { SpKeyPairs } from '../organizations/sp-key-pairs.service.js';
import { Clock } from '../platform/clock.js';
import type { Page } from '../platform/page.js';
import { PublicUrl } from '../platform/public-url.js';
import { randomOpaque } from '../platform/secrets.js';
import { LoginRequests } from '../sessions/login-requests.service.js';
import { LOGIN_SECONDS, sessionTokenOf } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { buildAuthnRequest } from './build-authn-request.js';
import { beginningCookies } from './login-cookies.js';
import { signDocument } from './protocol/sign-document.js';
import { toRedirectUrl } from './protocol/to-redirect-url.js';
import type { SamlConnection } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';
import { toHintedAddress } from './to-hinted-address.js';
import { toPostPage } from './to-post-page.js';

/** What a sign-in begins with. */
export interface WantedLogin {
  readonly targetUrl: string;
  /** Who wants to sign in, as somebody says; for the IdP only. */
  readonly loginHint: unknown;
  readonly cookieHeader: string | undefined;
  /** What the browser wants the answer for (Fetch Metadata); undefined: it does not say. */
  readonly destination: string | undefined;
  /** The test that the answer is to end, instead of signing somebody in. */
  readonly testSignInId?: string;
}

/** A sign-in under way: where the browser goes, or the page that sends it there, and what it keeps. */
export interface StartedLogin {
  readonly question: string | Page;
  readonly cookies: readonly string[];
}

/** Begins a sign-in: remembers the question, so that one answer, at this connection and in this browser, can be accepted. */
@Injectable()
export class LoginStart {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SpKeyPairs) private readonly keyPairs: SpKeyPairs,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  async begin(connection: SamlConnection, wanted: WantedLogin): Promise<StartedLogin> {
    // An xs:ID may not begin with a digit; 160 random bits (SAML 2.0 core, section 1.3.4).
    const id = `_${randomBytes(20).toString('hex')}`;
    const relayState = randomOpaque();
    const browserSecret = randomOpaque();
    const createdAt = this.clock.now();
    const question = await this.question(connection, { id, relayState, issuedAt: createdAt }, wanted.loginHint);
    await this.requests.open(this.unitOfWork.read, connection.organizationId, {
      id,
      connectionId: connection.id,
      targetUrl: wanted.targetUrl,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LOGIN_SECONDS * 1000),
      relayState,
      browserSecret,
      testSignInId: wanted.testSignInId ?? null,
      mayReplace: await this.mayReplace(wanted, createdAt),
    });
    const cookies = beginningCookies(wanted.cookieHeader, id, browserSecret, this.publicUrl.isSecure());
    return { question, cookies };
  }

  /**
   * May somebody be signed in here? The answer comes from another site, with which browsers send no session cookie; with the navigation
   * that begins the sign-in they do. A frame, a picture or a script of another site begins one without the cookie as well: what is no
   * page of its own shows nothing, and there may be a session.
   */
  private async mayReplace({ cookieHeader, destination }: WantedLogin, now: Date): Promise<boolean> {
    if (destination !== undefined && destination !== 'document') return true;
    const token = sessionTokenOf(cookieHeader, this.publicUrl.isSecure());
    return (await this.sessions.verify(this.unitOfWork.read, token, now)) !== undefined;
  }

  private async question(
    { organizationId, id: connectionId, saml }: SamlConnection,
    { relayState, ...request }: { readonly id: string; readonly issuedAt: Date; readonly relayState: string },
    loginHint: unknown,
  ): Promise<string | Page> {
    const xml = buildAuthnRequest(saml, spAddresses(this.publicUrl.get(), connectionId), request);
    const pair = saml.signRequests ? await this.keyPairs.signing(organizationId, connectionId) : undefined;
    const address = toHintedAddress(saml.ssoUrl, saml.loginHint, loginHint);
    const message = { kind: 'SAMLRequest', relayState } as const;
    return saml.requestBinding === 'redirect'
      ? toRedirectUrl(address, { ...message, xml, signWith: pair?.privateKey })
      : toPostPage(address, { ...message, xml: pair ? signDocument(xml, pair, 'Issuer') : xml });
  }
}
