import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { MetadataRefresher } from '../organizations/metadata-refresher.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { sameJson } from '../platform/same-json.js';
import { toTargetPath } from '../platform/target-path.js';
import type { LoginClaims } from '../reconciliation/changes.js';
import { LoginRequests, type LoginRequest } from '../sessions/login-requests.service.js';
import { AssertionOpener, type OpenedAssertion } from './assertion.opener.js';
import { judgeLoginRequest } from './judge-login-request.js';
import type { Checks } from './protocol/checks.js';
import { decodeResponse } from './protocol/decode-response.js';
import { prescan, type ResponseFacts } from './protocol/prescan.js';
import { isRejection, reject, SamlRejection } from './protocol/saml-rejection.js';
import { validateAssertion, type ValidAssertion, type ValidationInput } from './protocol/validate-assertion.js';
import { readAnswerForm } from './read-answer-form.js';
import type { ReceivedAnswer, SamlConnection, VerifiedAnswer } from './saml-answer.js';
import { spAddresses } from './sp-addresses.js';
import { toLoginClaims } from './to-login-claims.js';
import { newTranscript, type Transcript } from './transcript.js';

/**
 * The checks of an answer, in an order in which each is cheaper, or reads less, than what comes after it: form, encoding, shape, the
 * request it answers, signature, assertion, claims. Writes nothing, but for what newer metadata of the IdP say.
 */
@Injectable()
export class AnswerVerifier {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(AssertionOpener) private readonly opener: AssertionOpener,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(MetadataRefresher) private readonly refresher: MetadataRefresher,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** Throws SamlRejection, UnusableConnection and PoolBusy. */
  async verify(answer: ReceivedAnswer): Promise<VerifiedAnswer> {
    const { connection, transcript } = answer;
    const { checks } = transcript;
    const now = this.clock.now();
    const { samlResponse, relayState } = accepted(readAnswerForm(answer.body));
    transcript.relayState = relayState;
    checks.passed('form', 'SAMLResponse');
    const { document, response } = this.read(samlResponse, connection, transcript);
    const request = await this.requestOf(answer, response, relayState, now);
    const opened = await this.openFresh(answer, document, response);
    const assertion = this.assertionOf(opened, connection, response, request, now, transcript);
    return {
      claims: toLoginClaims(assertion, connection.attributeMapping),
      evidence: {
        assertionId: assertion.id,
        replayUntil: assertion.replayUntil,
        loginRequestId: request?.id,
        sessionIndex: assertion.sessionIndex,
        sentName: assertion.sentNameId,
        authenticatedAt: assertion.authnInstant,
        sessionNotOnOrAfter: assertion.sessionNotOnOrAfter,
        correlationId: answer.correlationId,
      },
      targetPath: request ? request.targetUrl : toTargetPath(relayState),
      mayReplace: request ? request.mayReplace : true,
      test: request?.testSignInId ? { requestId: request.id, testSignInId: request.testSignInId } : undefined,
    };
  }

  /**
   * The same checks for an answer that somebody kept, as of `at`: what it answers counts as asked, and nothing is used up. Throws
   * SamlRejection, UnusableConnection and PoolBusy.
   */
  async examine(connection: SamlConnection, samlResponse: string, at: Date): Promise<LoginClaims> {
    const transcript = newTranscript();
    const { document, response } = this.read(samlResponse, connection, transcript);
    const { inResponseTo } = response;
    const asked = inResponseTo === undefined ? undefined : { id: inResponseTo, createdAt: new Date(0) };
    const opened = await this.open(connection, document, response, transcript);
    const assertion = this.assertionOf(opened, connection, response, asked, at, transcript);
    return toLoginClaims(assertion, connection.attributeMapping);
  }

  private read(samlResponse: string, connection: SamlConnection, transcript: Transcript) {
    const document = accepted(decodeResponse(samlResponse));
    transcript.document = document;
    transcript.checks.passed('encoding', `${document.length} characters`);
    const response = accepted(prescan(document, connection.saml));
    transcript.inResponseTo = response.inResponseTo;
    transcript.checks.passed('document', { signed: signedParts(response) });
    return { document, response };
  }

  private open(
    connection: SamlConnection,
    document: string,
    response: ResponseFacts,
    { checks }: Transcript,
  ): Promise<OpenedAssertion> {
    return this.opener.open(connection, document, response, spAddresses(this.publicUrl.get(), connection.id), checks);
  }

  /** Where no certificate fits, the metadata of the IdP may know another one by now: they are asked, and the answer gets one more chance. */
  private async openFresh(
    { connection, transcript, correlationId }: ReceivedAnswer,
    document: string,
    response: ResponseFacts,
  ): Promise<OpenedAssertion> {
    const before = transcript.checks.snapshot();
    try {
      return await this.open(connection, document, response, transcript);
    } catch (error) {
      if (!isRejection(error) || error.reason !== 'signature-invalid') throw error;
      // That what nobody vouched for could be decrypted must not show, by how long this takes or otherwise.
      if (response.encrypted && !response.responseSigned) throw error;
      await this.refresher.freshen(connection, correlationId);
      const fresh = await this.connections.get(connection.organizationId, connection.id);
      if (!fresh?.saml || sameJson(fresh.saml.certificates, connection.saml.certificates)) throw error;
      transcript.checks.restore(before);
      return this.open({ ...fresh, saml: fresh.saml }, document, response, transcript);
    }
  }

  private assertionOf(
    { xml: assertionXml, signed }: OpenedAssertion,
    connection: SamlConnection,
    response: ResponseFacts,
    request: ValidationInput['request'],
    now: Date,
    transcript: Transcript,
  ): ValidAssertion {
    const { checks } = transcript;
    const sp = spAddresses(this.publicUrl.get(), connection.id);
    transcript.assertionXml = assertionXml;
    checks.passed('signature', { signed }, connection.saml.wantSigned);
    const settings = {
      ...connection.saml,
      spEntityId: sp.entityId,
      acsUrl: sp.acsUrl,
      allowUnsolicited: connection.saml.allowIdpInitiated,
      unsolicitedMaxAgeSeconds: connection.saml.idpInitiatedMaxAgeSeconds,
    };
    const assertion = accepted(validateAssertion({ assertionXml, response, request, settings, now }, checks));
    transcript.read = assertion;
    return assertion;
  }

  /** Before any cryptography: an answer to nothing that was asked costs nothing. undefined: IdP-initiated, where that is allowed. */
  private async requestOf(
    { connection, browserSecrets, transcript: { checks } }: ReceivedAnswer,
    { inResponseTo }: ResponseFacts,
    relayState: string,
    now: Date,
  ): Promise<LoginRequest | undefined> {
    if (inResponseTo === undefined) {
      if (connection.saml.allowIdpInitiated) return noRequest(checks);
      throw reject('unsolicited', 'IdP-initiated sign-in is off for this connection');
    }
    const key = { id: inResponseTo, browserSecrets, relayState };
    const found = await this.requests.find(this.unitOfWork.read, connection.organizationId, key);
    const fault = judgeLoginRequest(found, connection.id, now, checks);
    if (fault) throw fault;
    return found;
  }
}

function accepted<T>(result: T | SamlRejection): T {
  if (result instanceof SamlRejection) throw result;
  return result;
}

const signedParts = ({ responseSigned, assertionSigned }: ResponseFacts): string[] => [
  ...(responseSigned ? ['response'] : []),
  ...(assertionSigned ? ['assertion'] : []),
];

/** An answer to nothing, where the connection allows that: what is asked of a request does not apply. */
function noRequest(checks: Checks): undefined {
  checks.passed('login-request', null, 'none: IdP-initiated sign-in is on');
  for (const name of ['browser', 'first-answer', 'request-in-time', 'relay-state'] as const) checks.passed(name, null);
}
