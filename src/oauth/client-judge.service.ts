import { Inject, Injectable } from '@nestjs/common';
import { AccessTokens, type Proof, type TokenClient } from '../organizations/access-tokens.service.js';
import { parseClientId, toClientId } from '../organizations/client-id.js';
import { SIGNATURE_ALGORITHMS } from '../organizations/client-keys.js';
import { PublicUrl } from '../platform/public-url.js';
import { RecentMap } from '../platform/recent-map.js';
import { parseToken } from '../platform/secrets.js';
import { TOKEN_PATH } from './metadata.js';
import type { ClientCredentials } from './read-token-request.js';
import { subjectOf, verifyClientAssertion } from './verify-client-assertion.js';

export interface JudgedClient {
  readonly client: TokenClient;
  readonly proof: Proof;
}

/** Which living client the credentials prove; undefined for whatever is wrong with them. */
@Injectable()
export class ClientJudge {
  /** Hashes of secrets that were none: they can never become one, and cost a statement once. */
  private readonly wrong = new RecentMap<true>(10_000);

  constructor(
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  async judge(credentials: ClientCredentials, now: Date): Promise<JudgedClient | undefined> {
    return credentials.method === 'secret'
      ? this.bySecret(credentials.clientId, credentials.secret, now)
      : this.byAssertion(credentials.clientId, credentials.assertion, now);
  }

  private async bySecret(clientId: string, secret: string, now: Date): Promise<JudgedClient | undefined> {
    const name = parseClientId(clientId);
    const parsed = parseToken('secret', secret);
    if (!name || !parsed) return undefined;
    const key = clientId + parsed.hash.toString('base64');
    if (this.wrong.get(key)) return undefined;
    const client = await this.tokens.clientWithSecret(name, parsed.hash, now);
    if (!client) this.wrong.set(key, true);
    return client && { client, proof: client };
  }

  private async byAssertion(
    named: string | undefined,
    assertion: string,
    now: Date,
  ): Promise<JudgedClient | undefined> {
    const subject = subjectOf(assertion);
    const name = parseClientId(subject ?? '');
    if (!name || (named !== undefined && named !== subject)) return undefined;
    const client = await this.tokens.clientWithKeys(name);
    if (!client) return undefined;
    const issuer = this.publicUrl.get();
    const verified = await verifyClientAssertion(assertion, {
      clientId: toClientId(name),
      jwks: client.jwks,
      algorithms: SIGNATURE_ALGORITHMS,
      audiences: [issuer, issuer + TOKEN_PATH],
      now,
    });
    return verified && { client, proof: { assertion: verified } };
  }
}
