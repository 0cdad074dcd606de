import { readFileSync } from 'node:fs';
import { toLogoutView } from '../../src/admin/views/to-logout-view.js';
import { SAML_REASONS } from '../../src/saml/protocol/saml-rejection.js';

/** What operators are told of a refused logout. */

const SOURCES = [
  'saml/idp-logout.service.ts',
  'saml/read-logout-message.ts',
  'saml/protocol/read-redirect.ts',
  'saml/protocol/decode-response.ts',
  'saml/protocol/scan-logout.ts',
  'saml/protocol/scan-signatures.ts',
  'saml/protocol/scan-xml.ts',
  'saml/protocol/validate-logout.ts',
  'saml/protocol/verify-octets.ts',
];
const text = SOURCES.map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')).join('');
/** Those that the verification of a logout can come to. */
const REASONS = SAML_REASONS.filter((reason) => new RegExp(`(?:reject|refuse)\\(\\s*'${reason}'`).test(text));

const view = (reason: string | null) =>
  toLogoutView({
    id: 'id',
    incidentCode: '7KQ2-M9XD-4H',
    at: new Date(0),
    connectionId: 'connection',
    outcome: reason === null ? 'accepted' : 'rejected',
    reason,
    detail: null,
    nameId: null,
    sessionIndexes: null,
    sessionsEnded: null,
    correlationId: 'id',
  });

it('there is a hint for everything that can be wrong', () => {
  expect(REASONS.length).toBeGreaterThan(15);
  expect(REASONS.filter((reason) => view(reason).hint === null)).toEqual([]);
});

it('there is none where nothing is wrong, or nobody knows what', () => {
  expect(view(null).hint).toBeNull();
  expect(view('constructor').hint).toBeNull();
});
