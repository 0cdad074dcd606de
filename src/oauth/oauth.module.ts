import { Module } from '@nestjs/common';
import { ClientJudge } from './client-judge.service.js';
import { ExpiredTokensPurger } from './expired-tokens.purger.js';
import { MetadataController } from './metadata.controller.js';
import { TokenController } from './token.controller.js';

/**
 * The door where provisioning clients get access tokens: OAuth 2.0 client credentials (RFC 6749 section 4.4) by secret or by
 * private_key_jwt (RFC 7523), and the documents that lead there (RFC 8414, RFC 9728). The SCIM door takes the tokens.
 * Invariants: a token is of one connection and good for SCIM only; one answer for whatever is wrong with credentials; an assertion is
 * used once, over all nodes; signatures are verified by jose and nothing here is cryptography of our own. Owns no table.
 */
@Module({
  controllers: [TokenController, MetadataController],
  providers: [ClientJudge, ExpiredTokensPurger],
})
export class OAuthModule {}
