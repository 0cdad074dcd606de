import { Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from '../organizations/access-tokens.service.js';
import { isAllowed } from '../organizations/allowed-addresses.js';
import { Attempts } from '../organizations/attempts.js';
import { Guesses } from '../organizations/guesses.js';
import { ClientNotes } from '../organizations/client-notes.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { ClientJudge } from './client-judge.service.js';
import { SCIM_PATH } from './metadata.js';
import { invalidClient, OAuthError, tooManyAttempts } from './oauth-error.js';
import { readTokenRequest, SCIM_SCOPE } from './read-token-request.js';

interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
}

/** The token endpoint (RFC 6749 sections 3.2 and 4.4). Throws OAuthError. */
@Controller('oauth')
export class TokenController {
  /** All requests of an address, and those of them that prove nothing; on this node. */
  private readonly requests = new Attempts({ perSecond: 10, burst: 100 });
  private readonly guesses = new Guesses();

  constructor(
    @Inject(ClientJudge) private readonly clients: ClientJudge,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(ClientNotes) private readonly notes: ClientNotes,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Post('token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Header('pragma', 'no-cache')
  async token(@Req() request: FastifyRequest): Promise<TokenAnswer> {
    const { ip } = request;
    const now = () => this.clock.now();
    const retryAfter = this.requests.take(ip, now().getTime());
    if (retryAfter > 0) throw tooManyAttempts(retryAfter);
    const found = await this.guesses.judge(
      ip,
      now,
      () => this.issue(request, now()),
      (answer) => typeof answer === 'string',
    );
    if ('retryAfter' in found) throw tooManyAttempts(found.retryAfter);
    if (typeof found.judgement !== 'string') throw found.judgement;
    return {
      access_token: found.judgement,
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      scope: SCIM_SCOPE,
    };
  }

  /** A token, or why there is none. */
  private async issue({ ip, headers, body, id }: FastifyRequest, now: Date): Promise<string | OAuthError> {
    const credentials = readTokenRequest(headers.authorization, body, this.publicUrl.to(SCIM_PATH));
    const judged = await this.clients.judge(credentials, now);
    if (!judged) return invalidClient();
    const { client, proof } = judged;
    if (!isAllowed(client.allowedAddresses, ip)) {
      const { organizationId, lastRefusedAt } = client;
      const use = { organizationId, id: client.id, address: ip, at: now, correlationId: id };
      this.notes.refused({ ...use, kind: 'scim-client' }, lastRefusedAt);
      return wrongAddress(ip);
    }
    return (await this.tokens.issue(client, proof, now)) ?? invalidClient();
  }
}

/** The client has proved who it is: it may know why it is refused, and whom to tell. */
const wrongAddress = (address: string) =>
  new OAuthError(
    400,
    'unauthorized_client',
    `The client must not come from the address ${address}; an operator of the service must add it to its allowed addresses.`,
  );
