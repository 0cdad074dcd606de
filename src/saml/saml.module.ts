import { Global, Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MetadataVerifier } from '../organizations/metadata-verifier.js';
import { ClaimsReader } from '../reconciliation/claims-reader.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AnswerLimiter } from './answer-limiter.service.js';
import { AssertionOpener } from './assertion.opener.js';
import { SingleLogout } from '../sessions/single-logout.js';
import { AnswerVerifier } from './answer.verifier.js';
import { DetailKeeper } from './detail-keeper.service.js';
import { ExpiredRecordsPurger } from './expired-records.purger.js';
import { LoginStart } from './login-start.service.js';
import { SamlClaimsReader } from './claims.reader.js';
import { Refusals } from './refusals.service.js';
import { IdpLogout } from './idp-logout.service.js';
import { LogoutController } from './logout.controller.js';
import { LogoutSender } from './logout.sender.js';
import { SamlController } from './saml.controller.js';
import { SpMetadata } from './sp-metadata.service.js';
import { SamlMetadataVerifier } from './saml.metadata-verifier.js';
import { SamlSingleLogout } from './saml.single-logout.js';
import { SamlStrategy } from './saml.strategy.js';
import { SignatureVerifier } from './signature.verifier.js';
import { TestRuns } from './test-runs.service.js';
import { TestSignInController } from './test-sign-in.controller.js';

/**
 * The SAML service provider: each connection is one of its own, at /saml/{connection}.
 * Invariant: a session begins only with a signed assertion that answers this browser's question at this connection, once (or with an
 * unsolicited one where the connection allows that). Every refusal leaves a record and shows one page.
 * What an accepted assertion leads to is decided in reconciliation/. Global, for whoever asks for a ClaimsReader without knowing SAML.
 */
@Global()
@Module({
  imports: [SessionsModule, ReconciliationModule, AuditModule],
  controllers: [SamlController, LogoutController, TestSignInController],
  providers: [
    SamlStrategy,
    AnswerVerifier,
    AssertionOpener,
    SignatureVerifier,
    AnswerLimiter,
    LoginStart,
    SpMetadata,
    Refusals,
    DetailKeeper,
    TestRuns,
    ExpiredRecordsPurger,
    IdpLogout,
    LogoutSender,
    { provide: ClaimsReader, useClass: SamlClaimsReader },
    { provide: SingleLogout, useClass: SamlSingleLogout },
    { provide: MetadataVerifier, useClass: SamlMetadataVerifier },
  ],
  exports: [ClaimsReader, SingleLogout, MetadataVerifier],
})
export class SamlModule {}
