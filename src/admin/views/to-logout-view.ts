import type { StoredLogout } from '../../sessions/logouts.reader.js';
import type { LogoutView } from './logout.view.js';

export const toLogoutView = ({
  id,
  incidentCode,
  at,
  connectionId,
  outcome,
  reason,
  detail,
  nameId,
  sessionIndexes,
  sessionsEnded,
  correlationId,
}: StoredLogout): LogoutView => ({
  id,
  incidentCode,
  at: at.toISOString(),
  connectionId,
  outcome,
  reason,
  hint: reason !== null && Object.hasOwn(HINTS, reason) ? HINTS[reason]! : null,
  detail,
  nameId,
  sessionIndexes,
  sessionsEnded,
  correlationId,
});

const CLOCKS =
  'The clocks of the IdP and of this server differ, or somebody kept the message: it is good for five minutes, give or take clockSkewSeconds of the connection.';
const TOUCHED =
  'No IdP sends that by itself: something on the way changed the message, or somebody tries an attack. If it comes again from a clean browser, ask the maker of the IdP.';
const TOO_MUCH =
  'The message is larger than a logout takes: 8192 characters in a parameter, 64 KiB unpacked, 500 elements. Let the IdP name fewer sessions, or none, which means all of the person.';

/** What to do about a refused logout, by the reason. */
const HINTS: Readonly<Record<string, string>> = {
  'signature-missing':
    'The IdP did not sign the message, and unsigned ones are never taken. Switch signed logout messages on at the application there.',
  'signature-invalid':
    'The certificate that signed is none of the connection (connection get shows them; connection refresh-metadata fetches anew), or something on the way rewrites the query: what is verified are the octets as they were sent.',
  'algorithm-not-allowed': 'The IdP signs with SHA-1. Choose RSA-SHA256 there.',
  'destination-mismatch':
    'The IdP sends to another address than the one of this connection. Its logout address must be the sloUrl that connection get shows, to the letter.',
  'issuer-mismatch':
    'Another IdP than the one of the connection (idpEntityId), to the letter. Give the connection the present metadata of the IdP (connection configure-saml).',
  'too-old': CLOCKS,
  expired: CLOCKS,
  'not-yet-valid': CLOCKS,
  replay:
    'The same message came for the second time: a page was loaded again, or somebody kept it. Nothing is to be done.',
  'name-id-invalid':
    'The message names nobody that this service could know. The IdP must use the NameID of the sign-in, in plain text, and the entity ID of this connection where it gives SPNameQualifier.',
  'encryption-not-supported': 'The IdP encrypts the name of the person. Turn encryption of names off there.',
  'too-large': TOO_MUCH,
  'too-complex': TOO_MUCH,
  'response-malformed': TOUCHED,
  structure: TOUCHED,
  comment: TOUCHED,
  cdata: TOUCHED,
  'processing-instruction': TOUCHED,
  'document-type': TOUCHED,
  encoding: TOUCHED,
  'duplicate-id': TOUCHED,
  'signature-misplaced': TOUCHED,
  version: TOUCHED,
  'time-malformed': 'A time is missing, or is not written in UTC, such as 2026-01-31T12:00:00Z.',
  'in-response-to-mismatch':
    'The answer of the IdP does not name the request that it answers. The person is signed out here.',
};
