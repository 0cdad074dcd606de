/**
 * What is checked of an answer, in order, so that an operator sees how far one came. The functions that check note what held, each
 * check with what was wanted and got; what stops them is a SamlRejection. Plain data.
 */
import type { SamlReason, SamlRejection } from './saml-rejection.js';

/** Name -> what is wanted, in words. The order is that of the checks. */
export const CHECKS = {
  form: 'The answer is a form with one SAMLResponse',
  encoding: 'SAMLResponse is base64 of UTF-8, of a usual size',
  document:
    'Strict XML: one response with one assertion, signatures where they belong, with algorithms that are allowed',
  'login-request': 'It answers a request of this connection',
  browser: 'The browser is the one that asked',
  'first-answer': 'The request was not answered before',
  'request-in-time': 'The answer came in time',
  'relay-state': 'RelayState came back as it was sent',
  decryption: 'The assertion is not encrypted, or for a key of the connection',
  signature: 'A certificate of the connection signed it, where the connection wants it signed',
  assertion: 'What is signed is an assertion of SAML 2.0',
  status: 'The IdP says success',
  'response-issuer': 'Issuer of the response',
  destination: 'Destination of the response',
  'response-request': 'InResponseTo of the response',
  'assertion-issuer': 'Issuer of the assertion',
  age: 'The assertion is not older, in seconds, than an answer may be',
  'name-id': 'The subject has a name',
  confirmation: 'The subject is confirmed as bearer',
  recipient: 'Recipient of the confirmation',
  'confirmation-time': 'NotOnOrAfter of the confirmation is to come',
  'confirmation-request': 'InResponseTo of the confirmation, which is signed',
  'not-before': 'NotBefore of the conditions is past',
  'not-on-or-after': 'NotOnOrAfter of the conditions is to come',
  lifetime: 'The assertion is not valid for more seconds than usual',
  audience: 'Audience of the assertion',
  authentication: 'The assertion says when the person authenticated',
  'session-end': 'SessionNotOnOrAfter is to come',
  context: 'The person authenticated in one of the ways that the connection wants',
  reauthentication: 'The person authenticated after the request, where the connection wants that',
  'first-use': 'The assertion was not used before',
} as const;

export type CheckName = keyof typeof CHECKS;

export interface Check {
  readonly name: CheckName;
  readonly state: 'passed' | 'failed' | 'not-reached';
  readonly got?: unknown;
  readonly wanted?: unknown;
  /** Of the failed one: the reason, and what exactly was looked at. */
  readonly reason?: string;
  readonly detail?: string;
}

/** What failed, as far as a list of checks is concerned. */
export type Failure = Pick<SamlRejection, 'detail'> & { readonly reason: string };

const NAMES = Object.keys(CHECKS) as CheckName[];

/**
 * Where a reason belongs that is found earlier than its turn: an IdP that says no sends no assertion to look at; of a response that is
 * signed, the signature comes before what is encrypted in it.
 */
const BEFORE_THEIR_TURN: Partial<Record<SamlReason, CheckName>> = {
  'status-not-success': 'status',
  'signature-invalid': 'signature',
};

export class Checks {
  private held: readonly Check[] = [];

  /** The check held. One that does not apply is noted too, with null for what was got. */
  passed(name: CheckName, got: unknown, wanted?: unknown): void {
    this.held = [...this.held, { name, state: 'passed', got, ...(wanted === undefined ? {} : { wanted }) }];
  }

  /** What held until now; `restore` goes back to it, where one of several may hold. */
  snapshot(): readonly Check[] {
    return this.held;
  }

  restore(snapshot: readonly Check[]): void {
    this.held = snapshot;
  }

  /** All of them. What failed is the first that did not hold, and those after it were not reached. */
  list(failure?: Failure): readonly Check[] {
    if (!failure) return this.held;
    const held = new Map(this.held.map((check) => [check.name, check]));
    const early = BEFORE_THEIR_TURN[failure.reason as SamlReason];
    const failed = early ?? NAMES.find((name) => !held.has(name));
    const { check: detail, ...gotAndWanted } = failure.detail;
    return NAMES.map((name): Check => {
      if (name === failed) return { name, state: 'failed', reason: failure.reason, detail, ...gotAndWanted };
      return held.get(name) ?? { name, state: 'not-reached' };
    });
  }
}
