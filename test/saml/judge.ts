import { DEFAULT_SAML, type SamlSettings } from '../../src/organizations/connection.js';
import { decodeResponse } from '../../src/saml/protocol/decode-response.js';
import { prescan } from '../../src/saml/protocol/prescan.js';
import { isRejection } from '../../src/saml/protocol/saml-rejection.js';
import { validateAssertion, type ValidAssertion } from '../../src/saml/protocol/validate-assertion.js';
import { SignatureVerifier } from '../../src/saml/signature.verifier.js';
import { encode, makeIdpKey, makeResponse, type IdpKey, type ResponseOptions } from '../support/test-idp.js';

const signatures = new SignatureVerifier();
afterAll(() => signatures.onModuleDestroy());

/** The walk of an answer through the pure rooms, as the ACS takes it, without server and database. */
export class Judge {
  readonly requestId = '_request';
  readonly acsUrl = 'https://sp.example.com/saml/c1/acs';
  readonly spEntityId = 'https://sp.example.com/saml/c1/metadata';
  readonly idpEntityId = 'https://idp.example.com/entity';
  readonly now = new Date('2026-03-01T12:00:00.000Z');

  private constructor(readonly key: IdpKey) {}

  static async make(): Promise<Judge> {
    return new Judge(await makeIdpKey());
  }

  response(changes: Partial<ResponseOptions> = {}): string {
    return makeResponse({
      key: this.key,
      now: this.now,
      idpEntityId: this.idpEntityId,
      spEntityId: this.spEntityId,
      acsUrl: this.acsUrl,
      inResponseTo: this.requestId,
      ...changes,
    });
  }

  /** The accepted assertion, or the reason of the rejection. */
  async judge(
    xml: string,
    settings: Partial<SamlSettings> = {},
    options: { now?: Date; unsolicited?: boolean } = {},
  ): Promise<ValidAssertion | string> {
    return this.judgeField(encode(xml), settings, options);
  }

  async judgeField(
    field: unknown,
    changes: Partial<SamlSettings> = {},
    options: { now?: Date; unsolicited?: boolean } = {},
  ): Promise<ValidAssertion | string> {
    const settings: SamlSettings = {
      ...DEFAULT_SAML,
      idpEntityId: this.idpEntityId,
      ssoUrl: 'https://idp.example.com/sso',
      certificates: [this.key.certificate],
      ...changes,
    };
    const text = decodeResponse(field);
    if (isRejection(text)) return text.reason;
    const facts = prescan(text, settings);
    if (isRejection(facts)) return facts.reason;
    const sp = { entityId: this.spEntityId, acsUrl: this.acsUrl };
    const assertionXml = await signatures.verify('judge', text, settings, sp);
    if (isRejection(assertionXml)) return assertionXml.reason;
    const verdict = validateAssertion({
      assertionXml,
      response: facts,
      request: options.unsolicited
        ? undefined
        : { id: this.requestId, createdAt: new Date(this.now.getTime() - 10_000) },
      settings: {
        spEntityId: this.spEntityId,
        acsUrl: this.acsUrl,
        idpEntityId: settings.idpEntityId,
        allowUnsolicited: settings.allowIdpInitiated,
        unsolicitedMaxAgeSeconds: settings.idpInitiatedMaxAgeSeconds,
        forceAuthn: settings.forceAuthn,
        clockSkewSeconds: settings.clockSkewSeconds,
        requestedAuthnContext: settings.requestedAuthnContext,
      },
      now: options.now ?? this.now,
    });
    return isRejection(verdict) ? verdict.reason : verdict;
  }
}
