/**
 * Is this verified assertion an answer to our question, for us, now? Pure: the time is an argument, and the only document that is read
 * is the one whose bytes the signature covers (section numbers: SAML 2.0 core and profiles).
 */
import { checkAuthnContext } from './check-authn-context.js';
import { Checks } from './checks.js';
import { fail, only } from './demands.js';
import { readAttributes, type SamlAttributes } from './read-attributes.js';
import { readNameId, readSentNameId, type NameId, type SentNameId } from './read-name-id.js';
import { BEARER, FORMAT_ENTITY, NS, STATUS_SUCCESS } from './names.js';
import type { ResponseFacts } from './prescan.js';
import { isRejection, type SamlRejection } from './saml-rejection.js';
import { attributeOf, childrenOf, is, named, parseInstant, parseXml, textOf } from './xml.js';

export interface ValidationSettings {
  /** Our entity ID for this connection, and the address it listens on. */
  readonly spEntityId: string;
  readonly acsUrl: string;
  readonly idpEntityId: string;
  readonly allowUnsolicited: boolean;
  readonly unsolicitedMaxAgeSeconds: number;
  readonly forceAuthn: boolean;
  readonly clockSkewSeconds: number;
  /** Class URIs, any of which will do; empty: any at all. */
  readonly requestedAuthnContext: readonly string[];
}

export interface ValidationInput {
  /** The bytes that the signature covers. */
  readonly assertionXml: string;
  readonly response: ResponseFacts;
  /** The live login request of this browser and connection that the response names; undefined when it names none. */
  readonly request: { readonly id: string; readonly createdAt: Date } | undefined;
  readonly settings: ValidationSettings;
  readonly now: Date;
}

export interface ValidAssertion {
  readonly id: string;
  readonly nameId: NameId;
  readonly sentNameId: SentNameId;
  readonly sessionIndex: string | undefined;
  readonly sessionNotOnOrAfter: Date | undefined;
  readonly authnInstant: Date;
  /** Until when a second use must be recognised: the last moment at which it would still be accepted. */
  readonly replayUntil: Date;
  readonly attributes: SamlAttributes;
}

/** Entra's assertions live 70 minutes and bring no own limit; nothing that is older is an answer to a person in front of a browser. */
const MAX_AGE_SECONDS = 75 * 60;
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;
const NC_NAME = /^[A-Za-z_][\w.-]*$/;

/** Notes in `checks` what held. */
export function validateAssertion(input: ValidationInput, checks = new Checks()): ValidAssertion | SamlRejection {
  try {
    return new Validation(input, checks).run();
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

/** Top level of an assertion: order and multiplicity (core 2.3.3). */
const KNOWN_CHILDREN = [
  'Issuer',
  'Subject',
  'Conditions',
  'Advice',
  'AuthnStatement',
  'AttributeStatement',
  'AuthzDecisionStatement',
];

class Validation {
  private readonly skew: number;

  constructor(
    private readonly input: ValidationInput,
    private readonly checks: Checks,
  ) {
    this.skew = input.settings.clockSkewSeconds * 1000;
  }

  run(): ValidAssertion {
    const assertion = this.root();
    this.checkResponse();
    const id = attributeOf(assertion, 'ID') ?? '';
    if (!NC_NAME.test(id)) fail('structure', 'ID of the assertion', id);
    this.checkIssuer(assertion);
    const issuedAt = this.checkAge(assertion);
    const { confirmedUntil, ...names } = this.checkSubject(only(assertion, 'Subject', 'subject-missing'));
    const validUntil = this.checkConditions(only(assertion, 'Conditions', 'conditions-missing'), issuedAt);
    const session = this.checkAuthnStatements(named(assertion, NS.assertion, 'AuthnStatement'));
    const last = Math.max(confirmedUntil.getTime(), validUntil.getTime());
    const attributes = readAttributes(named(assertion, NS.assertion, 'AttributeStatement'));
    return { id, ...names, ...session, replayUntil: new Date(last + this.skew + 1000), attributes };
  }

  private root(): Element {
    const assertion = parseXml(this.input.assertionXml);
    if (!assertion || !is(assertion, NS.assertion, 'Assertion')) return fail('structure', 'verified assertion');
    if (attributeOf(assertion, 'Version') !== '2.0')
      fail('version', 'Version of the assertion', attributeOf(assertion, 'Version'), '2.0');
    for (const child of childrenOf(assertion)) {
      const known =
        is(child, NS.signature, 'Signature') ||
        (child.namespaceURI === NS.assertion && KNOWN_CHILDREN.includes(child.localName));
      if (!known) fail('structure', 'child of the assertion', `{${child.namespaceURI}}${child.localName}`);
    }
    this.checks.passed('assertion', '2.0', '2.0');
    return assertion;
  }

  private checkResponse(): void {
    const { response, settings } = this.input;
    if (response.version !== '2.0') fail('version', 'Version of the response', response.version, '2.0');
    if (response.statusCodes[0] !== STATUS_SUCCESS)
      fail('status-not-success', 'StatusCode', response.statusCodes, STATUS_SUCCESS);
    this.checks.passed('status', response.statusCodes[0], STATUS_SUCCESS);
    if (response.issuer !== undefined && response.issuer !== settings.idpEntityId) {
      fail('issuer-mismatch', 'Issuer of the response', response.issuer, settings.idpEntityId);
    }
    this.checks.passed('response-issuer', response.issuer ?? null, settings.idpEntityId);
    // "If the message is signed, the Destination XML attribute ... MUST contain the URL" (bindings 3.5.5.2).
    if (response.destination === undefined ? response.responseSigned : response.destination !== settings.acsUrl) {
      fail('destination-mismatch', 'Destination', response.destination ?? null, settings.acsUrl);
    }
    this.checks.passed('destination', response.destination ?? null, settings.acsUrl);
    this.checkInResponseTo('InResponseTo of the response', response.inResponseTo, response.inResponseTo !== undefined);
    this.checks.passed('response-request', response.inResponseTo ?? null, this.input.request?.id ?? null);
  }

  /** `must`: an answer to a request has to name it here. */
  private checkInResponseTo(check: string, got: string | undefined, must: boolean): void {
    const { request, settings } = this.input;
    if (request) {
      if (must && got !== request.id) fail('in-response-to-mismatch', check, got ?? null, request.id);
    } else if (got !== undefined) fail('in-response-to-mismatch', check, got, 'none: no request is known');
    else if (!settings.allowUnsolicited) fail('unsolicited', 'IdP-initiated sign-in is off for this connection');
  }

  private checkIssuer(assertion: Element): void {
    const issuer = only(assertion, 'Issuer', 'issuer-mismatch');
    const format = attributeOf(issuer, 'Format');
    const got = textOf(issuer)?.trim();
    const { idpEntityId } = this.input.settings;
    if (got !== idpEntityId || (format !== undefined && format !== FORMAT_ENTITY)) {
      fail('issuer-mismatch', 'Issuer of the assertion', got ?? null, idpEntityId);
    }
    this.checks.passed('assertion-issuer', got, idpEntityId);
  }

  private checkAge(assertion: Element): Date {
    const issuedAt = this.instant(assertion, 'IssueInstant', 'Assertion');
    const age = this.now - issuedAt.getTime();
    if (age < -this.skew) fail('not-yet-valid', 'IssueInstant', issuedAt, this.input.now);
    const { request, settings } = this.input;
    const limit = request ? MAX_AGE_SECONDS : settings.unsolicitedMaxAgeSeconds;
    if (age > limit * 1000 + this.skew)
      fail('too-old', 'age of the assertion in seconds', Math.round(age / 1000), limit);
    this.checks.passed('age', Math.round(age / 1000), limit);
    return issuedAt;
  }

  private checkSubject(subject: Element): Pick<ValidAssertion, 'nameId' | 'sentNameId'> & { confirmedUntil: Date } {
    const name = only(subject, 'NameID', 'name-id-invalid');
    const nameId = readNameId(name);
    if (isRejection(nameId)) throw nameId;
    this.checks.passed('name-id', nameId.value);
    const confirmations = named(subject, NS.assertion, 'SubjectConfirmation');
    const strangers = childrenOf(subject).length - confirmations.length - 1;
    if (strangers > 0) fail('structure', 'children of Subject');
    if (confirmations.length === 0) fail('confirmation-missing', 'SubjectConfirmation');
    const bearers = confirmations.filter((confirmation) => attributeOf(confirmation, 'Method') === BEARER);
    if (bearers.length === 0) {
      fail(
        'confirmation-method',
        'Method',
        confirmations.map((confirmation) => attributeOf(confirmation, 'Method')),
        BEARER,
      );
    }
    this.checks.passed('confirmation', BEARER, BEARER);
    return { nameId, sentNameId: readSentNameId(name), confirmedUntil: this.confirmedUntil(bearers) };
  }

  /** One that holds is enough (core 2.4.1); none: the first one's fault is the reason. */
  private confirmedUntil(bearers: readonly Element[]): Date {
    const before = this.checks.snapshot();
    const judged = bearers.map((bearer) => {
      this.checks.restore(before);
      return { verdict: this.judge(bearer), held: this.checks.snapshot() };
    });
    const { verdict, held } = judged.find((each) => each.verdict instanceof Date) ?? judged[0]!;
    this.checks.restore(held);
    if (isRejection(verdict)) throw verdict;
    return verdict;
  }

  private judge(bearer: Element): Date | SamlRejection {
    try {
      return this.checkConfirmation(only(bearer, 'SubjectConfirmationData', 'confirmation-missing'));
    } catch (error) {
      if (isRejection(error)) return error;
      throw error;
    }
  }

  /** Profiles 4.1.4.2 and 4.1.4.3. */
  private checkConfirmation(data: Element): Date {
    const { acsUrl } = this.input.settings;
    const recipient = attributeOf(data, 'Recipient');
    if (recipient !== acsUrl) fail('recipient-mismatch', 'Recipient', recipient ?? null, acsUrl);
    this.checks.passed('recipient', recipient, acsUrl);
    if (attributeOf(data, 'NotBefore') !== undefined) fail('structure', 'NotBefore in SubjectConfirmationData');
    const until = this.instant(data, 'NotOnOrAfter', 'SubjectConfirmationData');
    if (this.now >= until.getTime() + this.skew)
      fail('expired', 'SubjectConfirmationData NotOnOrAfter', until, this.input.now);
    this.checks.passed('confirmation-time', until, this.input.now);
    const asked = attributeOf(data, 'InResponseTo');
    this.checkInResponseTo('InResponseTo of the signed SubjectConfirmationData', asked, true);
    this.checks.passed('confirmation-request', asked ?? null, this.input.request?.id ?? null);
    return until;
  }

  private checkConditions(conditions: Element, issuedAt: Date): Date {
    const until = this.instant(conditions, 'NotOnOrAfter', 'Conditions');
    if (attributeOf(conditions, 'NotBefore') !== undefined) {
      const from = this.instant(conditions, 'NotBefore', 'Conditions');
      if (this.now < from.getTime() - this.skew) fail('not-yet-valid', 'Conditions NotBefore', from, this.input.now);
    }
    this.checks.passed('not-before', attributeOf(conditions, 'NotBefore') ?? null, this.input.now);
    if (this.now >= until.getTime() + this.skew) fail('expired', 'Conditions NotOnOrAfter', until, this.input.now);
    this.checks.passed('not-on-or-after', until, this.input.now);
    const lifetime = (until.getTime() - issuedAt.getTime()) / 1000;
    if (lifetime > MAX_LIFETIME_SECONDS)
      fail('lifetime-too-long', 'seconds from IssueInstant to NotOnOrAfter', lifetime, MAX_LIFETIME_SECONDS);
    this.checks.passed('lifetime', lifetime, MAX_LIFETIME_SECONDS);
    this.checkAudience(conditions);
    return until;
  }

  /** Every restriction must hold; within one, any of its audiences (core 2.5.1.4). Conditions we do not know make the assertion void. */
  private checkAudience(conditions: Element): void {
    const { spEntityId } = this.input.settings;
    const restrictions = named(conditions, NS.assertion, 'AudienceRestriction');
    for (const condition of childrenOf(conditions)) {
      const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'].includes(condition.localName);
      if (!known || condition.namespaceURI !== NS.assertion)
        fail('condition-unknown', 'condition', condition.localName);
    }
    if (restrictions.length === 0) fail('audience-mismatch', 'AudienceRestriction', null, spEntityId);
    for (const restriction of restrictions) {
      const audiences = named(restriction, NS.assertion, 'Audience').map((audience) => textOf(audience)?.trim());
      if (!audiences.includes(spEntityId)) fail('audience-mismatch', 'Audience', audiences, spEntityId);
    }
    this.checks.passed('audience', spEntityId, spEntityId);
  }

  private checkAuthnStatements(statements: readonly Element[]) {
    const [statement] = statements;
    if (!statement) return fail('authn-statement-missing', 'AuthnStatement');
    const authnInstant = this.instant(statement, 'AuthnInstant', 'AuthnStatement');
    this.checks.passed('authentication', authnInstant);
    const ends = statements
      .filter((one) => attributeOf(one, 'SessionNotOnOrAfter') !== undefined)
      .map((one) => this.instant(one, 'SessionNotOnOrAfter', 'AuthnStatement'))
      .sort((left, right) => left.getTime() - right.getTime());
    const sessionNotOnOrAfter = ends[0];
    if (sessionNotOnOrAfter && this.now >= sessionNotOnOrAfter.getTime()) {
      fail('session-expired', 'SessionNotOnOrAfter', sessionNotOnOrAfter, this.input.now);
    }
    this.checks.passed('session-end', sessionNotOnOrAfter ?? null, this.input.now);
    const { request, settings } = this.input;
    const wantedContext = settings.requestedAuthnContext;
    this.checks.passed('context', checkAuthnContext(statement, wantedContext), wantedContext);
    if (settings.forceAuthn && request && authnInstant.getTime() < request.createdAt.getTime() - this.skew) {
      fail('reauthentication-missing', 'AuthnInstant', authnInstant, request.createdAt);
    }
    this.checks.passed('reauthentication', authnInstant, settings.forceAuthn && request ? request.createdAt : null);
    return { authnInstant, sessionNotOnOrAfter, sessionIndex: attributeOf(statement, 'SessionIndex') };
  }

  private instant(element: Element, name: string, owner: string): Date {
    const text = attributeOf(element, name);
    return (
      parseInstant(text) ??
      fail('time-malformed', `${owner} ${name}`, text ?? null, 'an instant in UTC, such as 2026-01-31T12:00:00Z')
    );
  }

  private get now(): number {
    return this.input.now.getTime();
  }
}
