import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { MultiSamlStrategy } from '@node-saml/passport-saml';
import passport from 'passport';
import { AnswerVerifier } from './answer.verifier.js';
import type { ReceivedAnswer } from './saml-answer.js';

/** What the guard hands over with the request. */
export interface SamlStrategyOptions {
  readonly answer: ReceivedAnswer;
}

const closed = (): never => {
  throw new Error('Only authenticate() of this strategy is in use');
};

/**
 * passport-saml's strategy with an `authenticate` of our own. Of the library only its signature check is reachable (signature.worker):
 * its own `authenticate` takes answers from the query, treats unsigned logout messages as good, and passes where it should fail.
 */
@Injectable()
export class SamlStrategy extends PassportStrategy(MultiSamlStrategy) implements OnModuleDestroy {
  constructor(@Inject(AnswerVerifier) private readonly verifier: AnswerVerifier) {
    // Passport's registry is one for the whole process; two servers in it must not answer for each other.
    super({ name: `saml-${randomUUID()}`, getSamlOptions: closed }, closed);
  }

  /** Ends in success with a VerifiedAnswer or in error with the cause, never in pass or redirect. */
  override authenticate(_request: unknown, options: unknown): void {
    const { answer } = options as SamlStrategyOptions;
    this.verifier.verify(answer).then(
      (verified) => this.success(verified),
      (cause: Error) => this.error(cause),
    );
  }

  override logout(): void {
    closed();
  }

  override generateServiceProviderMetadata(): void {
    closed();
  }

  validate(): never {
    return closed();
  }

  onModuleDestroy(): void {
    passport.unuse(this.name);
  }
}
