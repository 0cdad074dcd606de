import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { PublicUrl } from '../platform/public-url.js';
import { LoginPreviewer } from '../reconciliation/login.previewer.js';
import type { TestSignInResult } from '../reconciliation/test-sign-in-result.js';
import { LoginRequests } from '../sessions/login-requests.service.js';
import { TestSignIns } from '../sessions/test-sign-ins.service.js';
import { browserSecretsOf } from './login-cookies.js';
import { LoginStart, type StartedLogin } from './login-start.service.js';
import type { Failure } from './protocol/checks.js';
import { SamlRejection } from './protocol/saml-rejection.js';
import { readFormFields } from './read-answer-form.js';
import type { ReceivedAnswer, SamlConnection, TestInHand, VerifiedAnswer } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';
import { TestConcluded } from './test-concluded.js';
import { toSignInDetail, type Stop } from './to-sign-in-detail.js';
import { newTranscript, type Transcript } from './transcript.js';
import { UnusableConnection } from './unusable-connection.js';

/**
 * Sign-ins of operators that change nothing: the very path of a real one, from the AuthnRequest to the decision and the plan, without
 * its end. What remains is the answered request and the result of the test.
 */
@Injectable()
export class TestRuns {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(TestSignIns) private readonly tests: TestSignIns,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(LoginStart) private readonly logins: LoginStart,
    @Inject(LoginPreviewer) private readonly previewer: LoginPreviewer,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Does this address begin a test? */
  async isReady({ organizationId, id }: Connection, token: string): Promise<boolean> {
    const found = await this.tests.find(this.unitOfWork.read, organizationId, id, token, this.clock.now());
    return found !== undefined;
  }

  /** Begins the test of this address, once; undefined: it begins none any more. A result: the settings allow no question. */
  async begin(
    connection: SamlConnection,
    token: string,
    cookieHeader: string | undefined,
    correlationId: string,
  ): Promise<StartedLogin | TestSignInResult | undefined> {
    const { organizationId, id } = connection;
    const testSignInId = await this.tests.start(this.unitOfWork.read, organizationId, id, token, this.clock.now());
    if (testSignInId === undefined) return undefined;
    try {
      const targetUrl = resultPath(connection, testSignInId);
      const wanted = { targetUrl, loginHint: undefined, cookieHeader, destination: undefined, testSignInId };
      return await this.logins.begin(connection, wanted);
    } catch (error) {
      const result = this.toResult(connection, newTranscript(), this.stopOf(error, connection, correlationId));
      await this.tests.end(this.unitOfWork.read, organizationId, testSignInId, result, this.clock.now());
      return result;
    }
  }

  /** Is this the answer of a test, as far as can be told without reading it? */
  async isAwaited(received: ReceivedAnswer): Promise<boolean> {
    const fields = readFormFields(received.body);
    const relayState = fields instanceof SamlRejection ? '' : (fields.get('RelayState') ?? '');
    return (await this.find(received, undefined, relayState)) !== undefined;
  }

  /** The answer passed every check; where its result is. */
  async conclude(received: ReceivedAnswer, { claims }: VerifiedAnswer, test: TestInHand): Promise<string> {
    const { connection, transcript } = received;
    transcript.checks.passed('first-use', 'it answers this test alone');
    // Also of a connection that is still switched off an operator wants to see what would be.
    const preview = await this.previewer.preview({ ...connection, enabled: true }, claims);
    const { decision } = preview;
    const stop: Stop | undefined =
      decision.kind === 'reject' ? { kind: 'decision', reason: decision.reason } : undefined;
    return this.end(received, test, this.toResult(connection, transcript, stop, { claims, preview }));
  }

  /** A check stopped an answer. Where its result is, when it is the one of a test; undefined when it is not. */
  async failed(received: ReceivedAnswer, error: unknown): Promise<TestConcluded | undefined> {
    const { connection, transcript } = received;
    const test = await this.find(received, transcript.inResponseTo, transcript.relayState ?? '');
    if (!test) return undefined;
    const result = this.toResult(connection, transcript, this.stopOf(error, connection, received.correlationId));
    return new TestConcluded(await this.end(received, test, result));
  }

  /** The result, for the browser that began the test. */
  async resultFor(
    connection: Connection,
    testSignInId: string,
    cookieHeader: string | undefined,
  ): Promise<TestSignInResult | undefined> {
    const { organizationId, id } = connection;
    const db = this.unitOfWork.read;
    const secrets = browserSecretsOf(cookieHeader, this.publicUrl.isSecure());
    if (!(await this.requests.beganTest(db, organizationId, testSignInId, secrets, this.clock.now()))) return undefined;
    const test = await this.tests.get(db, organizationId, id, testSignInId);
    return test?.result as TestSignInResult | undefined;
  }

  /** One answer ends it; whoever comes later is shown what that one led to. */
  private async end(received: ReceivedAnswer, test: TestInHand, result: TestSignInResult): Promise<string> {
    const { connection } = received;
    const { organizationId } = connection;
    const now = this.clock.now();
    await this.unitOfWork.run(async (tx) => {
      const first = await this.requests.consume(tx, organizationId, test.requestId, now);
      if (first) await this.tests.end(tx, organizationId, test.testSignInId, result, now);
    });
    return this.publicUrl.to(resultPath(connection, test.testSignInId));
  }

  private async find(
    { connection, browserSecrets }: ReceivedAnswer,
    id: string | undefined,
    relayState: string,
  ): Promise<TestInHand | undefined> {
    const now = this.clock.now();
    const key = { connectionId: connection.id, browserSecrets, id, relayState, now };
    const found = await this.requests.findTest(this.unitOfWork.read, connection.organizationId, key);
    return found && { requestId: found.id, testSignInId: found.testSignInId };
  }

  private toResult(
    connection: Connection,
    transcript: Transcript,
    stop: Stop | undefined,
    shown: Pick<TestSignInResult, 'claims' | 'preview'> = { claims: null, preview: null },
  ): TestSignInResult {
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    const reason = stop && (stop.kind === 'check' ? stop.failure.reason : stop.reason);
    return {
      outcome: stop ? 'rejected' : 'accepted',
      reason: reason ?? null,
      detail: toSignInDetail(transcript, connection, sp, stop),
      ...shown,
    };
  }

  /** A test disables no connection: it says what would. */
  private stopOf(error: unknown, { id }: Connection, correlationId: string): Stop {
    return { kind: 'check', failure: this.failureOf(error, { connectionId: id, correlationId }) };
  }

  private failureOf(error: unknown, context: { connectionId: string; correlationId: string }): Failure {
    if (error instanceof SamlRejection) return error;
    if (error instanceof UnusableConnection) return { reason: 'connection-unusable', detail: { check: error.message } };
    this.log.failure(error, context);
    return { reason: 'internal-error', detail: { check: 'see the log', got: context.correlationId } };
  }
}

const resultPath = (connection: Connection, testSignInId: string): string =>
  `/saml/${connection.id}/test-result/${testSignInId}`;
