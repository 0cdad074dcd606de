import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SpKeyPairs } from '../organizations/sp-key-pairs.service.js';
import { Clock } from '../platform/clock.js';
import type { Page } from '../platform/page.js';
import { PublicUrl } from '../platform/public-url.js';
import type { SessionSubject } from '../sessions/sessions.reader.js';
import { buildLogoutRequest } from './build-logout-request.js';
import { buildLogoutResponse, type LogoutResult } from './build-logout-response.js';
import type { MessageKind } from './protocol/read-redirect.js';
import { signDocument } from './protocol/sign-document.js';
import { toRedirectUrl } from './protocol/to-redirect-url.js';
import type { SamlConnection } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';
import { toPostPage } from './to-post-page.js';

/** How long the IdP may take our request for: a browser carries it at once. */
export const REQUEST_SECONDS = 300;

export interface SentRequest {
  readonly id: string;
  readonly createdAt: Date;
  readonly way: string | Page;
}

/** Logout messages of ours, always signed, by the binding and to the address that the IdP has for them. */
@Injectable()
export class LogoutSender {
  constructor(
    @Inject(SpKeyPairs) private readonly keyPairs: SpKeyPairs,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** undefined: the IdP has no address for logout. */
  async ask(connection: SamlConnection, subject: SessionSubject): Promise<SentRequest | undefined> {
    const destination = connection.saml.singleLogout?.url;
    if (destination === undefined) return undefined;
    const [id, issuedAt] = [newMessageId(), this.clock.now()];
    const notOnOrAfter = new Date(issuedAt.getTime() + REQUEST_SECONDS * 1000);
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    const xml = buildLogoutRequest(sp, { id, issuedAt, notOnOrAfter, destination, ...subject });
    return { id, createdAt: issuedAt, way: await this.send(connection, 'SAMLRequest', destination, xml, undefined) };
  }

  /** undefined: the IdP has no address for answers. */
  async answer(
    connection: SamlConnection,
    inResponseTo: string,
    result: LogoutResult,
    relayState: string | undefined,
  ): Promise<string | Page | undefined> {
    const { singleLogout } = connection.saml;
    const destination = singleLogout?.responseUrl ?? singleLogout?.url;
    if (destination === undefined) return undefined;
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    const answer = { id: newMessageId(), inResponseTo, issuedAt: this.clock.now(), destination, result };
    // "MUST place the exact data it received with the request into the corresponding RelayState" (bindings 3.4.3).
    return this.send(connection, 'SAMLResponse', destination, buildLogoutResponse(sp, answer), relayState);
  }

  private async send(
    { organizationId, id, saml }: SamlConnection,
    kind: MessageKind,
    destination: string,
    xml: string,
    relayState: string | undefined,
  ): Promise<string | Page> {
    const pair = await this.keyPairs.signing(organizationId, id);
    if (saml.singleLogout?.binding !== 'post')
      return toRedirectUrl(destination, { kind, xml, relayState, signWith: pair.privateKey });
    const signed = signDocument(xml, pair, 'Issuer');
    return toPostPage(destination, { kind, xml: signed, ...(relayState === undefined ? {} : { relayState }) });
  }
}

/** An xs:ID may not begin with a digit; 160 random bits (SAML 2.0 core, section 1.3.4). */
const newMessageId = (): string => `_${randomBytes(20).toString('hex')}`;
