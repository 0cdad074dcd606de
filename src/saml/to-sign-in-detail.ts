import type { Connection } from '../organizations/connection.js';
import type { DetailCheck, DetailField, SignInDetail } from '../sessions/sign-in-detail.js';
import { describeSigner } from './describe-signer.js';
import { hintsFor } from './hints.js';
import { CHECKS, type Check, type Failure } from './protocol/checks.js';
import { readSubjectAndAttributes } from './protocol/read-subject.js';
import { readFields, type FieldReading } from './read-fields.js';
import { redactAttributes, redactDeeply, redactValues } from './redact.js';
import type { SpAddresses } from './sp-addresses.js';
import { hasOverage } from './to-login-claims.js';
import type { Transcript } from './transcript.js';

/** What stopped a sign-in: a check of the protocol, or later the decision, which is no check. */
export type Stop =
  { readonly kind: 'check'; readonly failure: Failure } | { readonly kind: 'decision'; readonly reason: string };

/** What an operator may see of a sign-in, from what became known while its answer was checked. */
export function toSignInDetail(
  transcript: Transcript,
  connection: Connection,
  sp: SpAddresses,
  stop: Stop | undefined,
): SignInDetail {
  const failure = stop?.kind === 'check' ? stop.failure : undefined;
  const { nameId, attributes } = transcript.read ?? readAgain(transcript) ?? {};
  const readings = attributes && readFields({ nameId: nameId ?? NOBODY, attributes }, connection.attributeMapping);
  const reason = stop?.kind === 'decision' ? stop.reason : failure?.reason;
  return {
    checks: transcript.checks.list(failure).map(toDetailCheck),
    subject: nameId ? { ...nameId, value: redactDeeply(nameId.value) as string } : null,
    attributes: attributes ? redactAttributes(attributes) : null,
    mapping: readings ? Object.values(readings).map(toDetailField) : null,
    hints: hintsFor({
      signer:
        reason === 'signature-invalid'
          ? describeSigner(transcript.document ?? '', certificatesOf(connection))
          : undefined,
      reason,
      connection,
      sp,
      readings,
      overage: attributes !== undefined && hasOverage(attributes),
    }),
  };
}

/** Of an assertion that a check stopped. */
const readAgain = ({ assertionXml }: Transcript) =>
  assertionXml === undefined ? undefined : readSubjectAndAttributes(assertionXml);

const certificatesOf = ({ saml }: Connection): readonly string[] => saml?.certificates ?? [];

const NOBODY = { value: '', format: '', nameQualifier: '' };

const toDetailCheck = (check: Check): DetailCheck => ({
  name: check.name,
  title: CHECKS[check.name],
  state: check.state,
  wanted: redactDeeply(check.wanted),
  got: redactDeeply(check.got),
  reason: check.reason ?? null,
  detail: check.detail ?? null,
});

const toDetailField = (reading: FieldReading): DetailField => ({
  ...reading,
  values: redactValues([reading.field, ...reading.foundIn].join(' '), reading.values),
});
