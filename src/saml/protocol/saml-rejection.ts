/**
 * Why an answer of an IdP is refused. The reason and its detail are for the operator's sign-in record; a person sees one text for all
 * of them, so that an attacker learns nothing from the page.
 */

export const SAML_REASONS = [
  // Shape, before any cryptography
  'response-malformed',
  'too-large',
  'too-complex',
  'document-type',
  'processing-instruction',
  'comment',
  'cdata',
  'encoding',
  'duplicate-id',
  'structure',
  'encryption-not-supported',
  'decryption-failed',
  'algorithm-not-allowed',
  // Signature
  'signature-missing',
  'signature-misplaced',
  'signature-invalid',
  // Whose answer to which question
  'status-not-success',
  'version',
  'issuer-mismatch',
  'destination-mismatch',
  'in-response-to-mismatch',
  'relay-state-mismatch',
  'unsolicited',
  'login-request-unknown',
  // The assertion
  'subject-missing',
  'name-id-invalid',
  'confirmation-missing',
  'confirmation-method',
  'recipient-mismatch',
  'conditions-missing',
  'condition-unknown',
  'audience-mismatch',
  'time-malformed',
  'not-yet-valid',
  'expired',
  'too-old',
  'lifetime-too-long',
  'authn-statement-missing',
  'authn-context-mismatch',
  'session-expired',
  // Logout
  'replay',
  'reauthentication-missing',
] as const;

export type SamlReason = (typeof SAML_REASONS)[number];

/** Returned, or thrown where a check is deep inside; either way a value the caller records. */
export class SamlRejection extends Error {
  constructor(
    readonly reason: SamlReason,
    /** What was looked at, what was got and what was wanted; never shown to the person. */
    readonly detail: { readonly check: string; readonly got?: unknown; readonly wanted?: unknown },
  ) {
    super(`${reason}: ${detail.check}`);
    this.name = 'SamlRejection';
  }
}

export const reject = (reason: SamlReason, check: string, got?: unknown, wanted?: unknown): SamlRejection =>
  new SamlRejection(reason, {
    check,
    ...(got === undefined ? {} : { got }),
    ...(wanted === undefined ? {} : { wanted }),
  });

export const isRejection = (value: unknown): value is SamlRejection => value instanceof SamlRejection;
