import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { toTargetPath } from '../platform/target-path.js';
import type { LoginClaims } from '../reconciliation/changes.js';
import { LoginRequests, type LoginRequest } from '../sessions/login-requests.service.js';
import { judgeLoginRequest } from './judge-login-request.js';
import { decodeResponse } from './protocol/decode-response.js';
import { prescan, type ResponseFacts } from './protocol/prescan.js';
import { reject, SamlRejection } from './protocol/saml-rejection.js';
import { validateAssertion, type ValidAssertion, type ValidationInput } from './protocol/validate-assertion.js';
import { readAnswerForm } from './read-answer-form.js';
import type { ReceivedAnswer, SamlConnection, VerifiedAnswer } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';
import { toLoginClaims } from './to-login-claims.js';
import { verifySignature } from './verify-signature.js';

/** The connection's settings cannot make a verifier: nobody can sign in through it, and others are not touched. */
export class UnusableConnection extends Error {}

/**
 * The checks of an answer, in an order in which each is cheaper, or reads less, than what comes after it: form, encoding, shape, the
 * request it answers, signature, assertion, claims. Writes nothing.
 */
@Injectable()
export class AnswerVerifier {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** Throws SamlRejection and UnusableConnection. */
  async verify(answer: ReceivedAnswer): Promise<VerifiedAnswer> {
    const { connection } = answer;
    const now = this.clock.now();
    const { samlResponse, relayState } = accepted(readAnswerForm(answer.body));
    const document = accepted(decodeResponse(samlResponse));
    const response = accepted(prescan(document, connection.saml));
    const request = await this.requestOf(answer, response, relayState, now);
    const assertion = await this.assertionOf(connection, document, response, request, now);
    return {
      claims: toLoginClaims(assertion, connection.attributeMapping),
      evidence: {
        assertionId: assertion.id,
        replayUntil: assertion.replayUntil,
        loginRequestId: request?.id,
        sessionIndex: assertion.sessionIndex,
        authenticatedAt: assertion.authnInstant,
        sessionNotOnOrAfter: assertion.sessionNotOnOrAfter,
        correlationId: answer.correlationId,
      },
      targetPath: request ? request.targetUrl : toTargetPath(relayState),
    };
  }

  /**
   * The same checks for an answer that somebody kept, as of `at`: what it answers counts as asked, and nothing is used up. Throws
   * SamlRejection and UnusableConnection.
   */
  async examine(connection: SamlConnection, samlResponse: string, at: Date): Promise<LoginClaims> {
    const document = accepted(decodeResponse(samlResponse));
    const response = accepted(prescan(document, connection.saml));
    const { inResponseTo } = response;
    const asked = inResponseTo === undefined ? undefined : { id: inResponseTo, createdAt: new Date(0) };
    const assertion = await this.assertionOf(connection, document, response, asked, at);
    return toLoginClaims(assertion, connection.attributeMapping);
  }

  private async assertionOf(
    connection: SamlConnection,
    document: string,
    response: ResponseFacts,
    request: ValidationInput['request'],
    now: Date,
  ): Promise<ValidAssertion> {
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    const assertionXml = accepted(await this.signedPart(document, connection));
    const settings = {
      ...connection.saml,
      spEntityId: sp.entityId,
      acsUrl: sp.acsUrl,
      allowUnsolicited: connection.saml.allowIdpInitiated,
    };
    return accepted(validateAssertion({ assertionXml, response, request, settings, now }));
  }

  /** Before any cryptography: an answer to nothing that was asked costs nothing. undefined: IdP-initiated, where that is allowed. */
  private async requestOf(
    { connection, browserSecrets }: ReceivedAnswer,
    { inResponseTo }: ResponseFacts,
    relayState: string,
    now: Date,
  ): Promise<LoginRequest | undefined> {
    if (inResponseTo === undefined) {
      if (connection.saml.allowIdpInitiated) return undefined;
      throw reject('unsolicited', 'IdP-initiated sign-in is off for this connection');
    }
    const key = { id: inResponseTo, browserSecrets, relayState };
    const found = await this.requests.find(this.unitOfWork.read, connection.organizationId, key);
    const fault = judgeLoginRequest(found, connection.id, now);
    if (fault) throw fault;
    return found;
  }

  private async signedPart(document: string, connection: SamlConnection): Promise<string | SamlRejection> {
    try {
      return await verifySignature(document, connection.saml, spAddresses(this.publicUrl.get(), connection.id));
    } catch (error) {
      throw new UnusableConnection(error instanceof Error ? error.message : String(error));
    }
  }
}

function accepted<T>(result: T | SamlRejection): T {
  if (result instanceof SamlRejection) throw result;
  return result;
}
