/**
 * Is this verified assertion an answer to our question, for us, now? Pure: the time is an argument, and the only document that is read
 * is the one whose bytes the signature covers (section numbers: SAML 2.0 core and profiles).
 */
import { readAttributes, type SamlAttributes } from './read-attributes.js';
import { readNameId, type NameId } from './read-name-id.js';
import { BEARER, FORMAT_ENTITY, NS, STATUS_SUCCESS } from './names.js';
import type { ResponseFacts } from './prescan.js';
import { isRejection, reject, type SamlRejection } from './saml-rejection.js';
import { attributeOf, childrenOf, is, named, parseInstant, parseXml, textOf } from './xml.js';

export interface ValidationSettings {
  /** Our entity ID for this connection, and the address it listens on. */
  readonly spEntityId: string;
  readonly acsUrl: string;
  readonly idpEntityId: string;
  readonly allowUnsolicited: boolean;
  readonly forceAuthn: boolean;
  readonly clockSkewSeconds: number;
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
const UNSOLICITED_AGE_SECONDS = 5 * 60;
const NC_NAME = /^[A-Za-z_][\w.-]*$/;

export function validateAssertion(input: ValidationInput): ValidAssertion | SamlRejection {
  try {
    return new Validation(input).run();
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

function fail(...args: Parameters<typeof reject>): never {
  throw reject(...args);
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

  constructor(private readonly input: ValidationInput) {
    this.skew = input.settings.clockSkewSeconds * 1000;
  }

  run(): ValidAssertion {
    const assertion = this.root();
    this.checkResponse();
    const id = attributeOf(assertion, 'ID') ?? '';
    if (!NC_NAME.test(id)) fail('structure', 'ID of the assertion', id);
    this.checkIssuer(assertion);
    const issuedAt = this.checkAge(assertion);
    const { nameId, confirmedUntil } = this.checkSubject(only(assertion, 'Subject', 'subject-missing'));
    const validUntil = this.checkConditions(only(assertion, 'Conditions', 'conditions-missing'), issuedAt);
    const session = this.checkAuthnStatements(named(assertion, NS.assertion, 'AuthnStatement'));
    const last = Math.max(confirmedUntil.getTime(), validUntil.getTime());
    const attributes = readAttributes(named(assertion, NS.assertion, 'AttributeStatement'));
    return { id, nameId, ...session, replayUntil: new Date(last + this.skew + 1000), attributes };
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
    return assertion;
  }

  private checkResponse(): void {
    const { response, settings } = this.input;
    if (response.version !== '2.0') fail('version', 'Version of the response', response.version, '2.0');
    if (response.statusCodes[0] !== STATUS_SUCCESS)
      fail('status-not-success', 'StatusCode', response.statusCodes, STATUS_SUCCESS);
    if (response.issuer !== undefined && response.issuer !== settings.idpEntityId) {
      fail('issuer-mismatch', 'Issuer of the response', response.issuer, settings.idpEntityId);
    }
    // "If the message is signed, the Destination XML attribute ... MUST contain the URL" (bindings 3.5.5.2).
    if (response.destination === undefined ? response.responseSigned : response.destination !== settings.acsUrl) {
      fail('destination-mismatch', 'Destination', response.destination ?? null, settings.acsUrl);
    }
    this.checkInResponseTo('InResponseTo of the response', response.inResponseTo, response.inResponseTo !== undefined);
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
  }

  private checkAge(assertion: Element): Date {
    const issuedAt = this.instant(assertion, 'IssueInstant', 'Assertion');
    const age = this.now - issuedAt.getTime();
    if (age < -this.skew) fail('not-yet-valid', 'IssueInstant', issuedAt, this.input.now);
    const limit = this.input.request ? MAX_AGE_SECONDS : UNSOLICITED_AGE_SECONDS;
    if (age > limit * 1000 + this.skew)
      fail('too-old', 'age of the assertion in seconds', Math.round(age / 1000), limit);
    return issuedAt;
  }

  private checkSubject(subject: Element): { nameId: NameId; confirmedUntil: Date } {
    const nameId = readNameId(only(subject, 'NameID', 'name-id-invalid'));
    if (isRejection(nameId)) throw nameId;
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
    // One that holds is enough (core 2.4.1); none: the first one's fault is the reason.
    const judged = bearers.map((bearer) => this.judge(bearer));
    const held = judged.find((verdict) => verdict instanceof Date);
    if (held) return { nameId, confirmedUntil: held };
    throw judged.find(isRejection)!;
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
    if (attributeOf(data, 'NotBefore') !== undefined) fail('structure', 'NotBefore in SubjectConfirmationData');
    const until = this.instant(data, 'NotOnOrAfter', 'SubjectConfirmationData');
    if (this.now >= until.getTime() + this.skew)
      fail('expired', 'SubjectConfirmationData NotOnOrAfter', until, this.input.now);
    this.checkInResponseTo(
      'InResponseTo of the signed SubjectConfirmationData',
      attributeOf(data, 'InResponseTo'),
      true,
    );
    return until;
  }

  private checkConditions(conditions: Element, issuedAt: Date): Date {
    const until = this.instant(conditions, 'NotOnOrAfter', 'Conditions');
    if (attributeOf(conditions, 'NotBefore') !== undefined) {
      const from = this.instant(conditions, 'NotBefore', 'Conditions');
      if (this.now < from.getTime() - this.skew) fail('not-yet-valid', 'Conditions NotBefore', from, this.input.now);
    }
    if (this.now >= until.getTime() + this.skew) fail('expired', 'Conditions NotOnOrAfter', until, this.input.now);
    const lifetime = (until.getTime() - issuedAt.getTime()) / 1000;
    if (lifetime > MAX_LIFETIME_SECONDS)
      fail('lifetime-too-long', 'seconds from IssueInstant to NotOnOrAfter', lifetime, MAX_LIFETIME_SECONDS);
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
  }

  private checkAuthnStatements(statements: readonly Element[]) {
    const [statement] = statements;
    if (!statement) return fail('authn-statement-missing', 'AuthnStatement');
    const authnInstant = this.instant(statement, 'AuthnInstant', 'AuthnStatement');
    const ends = statements
      .filter((one) => attributeOf(one, 'SessionNotOnOrAfter') !== undefined)
      .map((one) => this.instant(one, 'SessionNotOnOrAfter', 'AuthnStatement'))
      .sort((left, right) => left.getTime() - right.getTime());
    const sessionNotOnOrAfter = ends[0];
    if (sessionNotOnOrAfter && this.now >= sessionNotOnOrAfter.getTime()) {
      fail('session-expired', 'SessionNotOnOrAfter', sessionNotOnOrAfter, this.input.now);
    }
    const { request, settings } = this.input;
    if (settings.forceAuthn && request && authnInstant.getTime() < request.createdAt.getTime() - this.skew) {
      fail('reauthentication-missing', 'AuthnInstant', authnInstant, request.createdAt);
    }
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

/** Exactly one child of the name. */
function only(parent: Element, name: string, reason: Parameters<typeof reject>[0]): Element {
  const found = named(parent, NS.assertion, name);
  if (found.length === 1) return found[0]!;
  return found.length === 0 ? fail(reason, name, 0, 1) : fail('structure', name, found.length, 1);
}
