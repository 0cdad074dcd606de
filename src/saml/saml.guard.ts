import { Inject, Injectable, NotFoundException, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConnectionsService } from '../organizations/connections.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { PoolBusy } from '../platform/worker-pool.js';
import { AnswerLimiter } from './answer-limiter.service.js';
import { browserSecretsOf } from './login-cookies.js';
import { Refusals } from './refusals.service.js';
import { knowsIdp, type ReceivedAnswer, type SamlConnection, type VerifiedAnswer } from './saml-answer.js';
import { SamlStrategy, type SamlStrategyOptions } from './saml.strategy.js';
import { TestRuns } from './test-runs.service.js';
import { newTranscript } from './transcript.js';

/** A request that passed the guard. */
export interface AnsweredRequest extends FastifyRequest {
  received: ReceivedAnswer;
  user: VerifiedAnswer;
}

/**
 * Lets a request to the answer address through only with a VerifiedAnswer as its user; everything else ends in a record and the page of
 * a refused sign-in. Passport's own guard would also let through what its strategy merely passes on.
 */
@Injectable()
export class SamlGuard extends AuthGuard() {
  constructor(
    @Inject(SamlStrategy) strategy: SamlStrategy,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(AnswerLimiter) private readonly limiter: AnswerLimiter,
    @Inject(TestRuns) private readonly tests: TestRuns,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Partial<AnsweredRequest> & FastifyRequest>();
    const refusal = await this.limiter.judge(request.ip, () => this.refusalOf(context, request));
    if (refusal) throw refusal;
    return true;
  }

  /** Why the request does not pass; undefined when it has a VerifiedAnswer for its user. Throws PoolBusy. */
  private async refusalOf(
    context: ExecutionContext,
    request: Partial<AnsweredRequest> & FastifyRequest,
  ): Promise<Error | undefined> {
    const { connection: id } = request.params as { connection: string };
    const connection = await this.connections.findById(id);
    if (!connection) return new NotFoundException();
    if (!knowsIdp(connection)) return this.refusals.notUsable(connection, request.id);
    const received = this.receive(connection, request);
    request.received = received;
    // Operators may test what is not in use, or no more.
    if (!this.refusals.isUsable(connection) && !(await this.tests.isAwaited(received))) {
      return this.refusals.notUsable(connection, request.id);
    }
    try {
      await super.canActivate(context);
    } catch (error) {
      if (error instanceof PoolBusy) throw error;
      return this.failed(received, error);
    }
    if (request.user) return undefined;
    return this.failed(received, new Error('No answer was verified'));
  }

  override getAuthenticateOptions(context: ExecutionContext): SamlStrategyOptions & { session: false } {
    const { received } = context.switchToHttp().getRequest<AnsweredRequest>();
    return { answer: received, session: false };
  }

  private receive(connection: SamlConnection, request: FastifyRequest): ReceivedAnswer {
    return {
      connection,
      body: typeof request.body === 'string' ? request.body : '',
      browserSecrets: browserSecretsOf(request.headers.cookie, this.publicUrl.isSecure()),
      correlationId: request.id,
      transcript: newTranscript(),
    };
  }

  private async failed(received: ReceivedAnswer, error: unknown): Promise<Error> {
    const { connection, correlationId, transcript } = received;
    return (
      (await this.tests.failed(received, error)) ??
      (await this.refusals.failed(connection, error, correlationId, transcript))
    );
  }

  /** Passport knows Node's response, not Fastify's. */
  getResponse(context: ExecutionContext): unknown {
    return context.switchToHttp().getResponse<FastifyReply>().raw;
  }
}
