import { DEFAULT_SAML } from '../../src/organizations/connection.js';
import { judgeLoginRequest } from '../../src/saml/judge-login-request.js';
import { CHECKS, Checks, type CheckName } from '../../src/saml/protocol/checks.js';
import { prescan } from '../../src/saml/protocol/prescan.js';
import { isRejection, reject } from '../../src/saml/protocol/saml-rejection.js';
import { validateAssertion } from '../../src/saml/protocol/validate-assertion.js';
import { at, type ResponseOptions } from '../support/test-idp.js';
import { Judge } from './judge.js';

/** How far an answer came, said check by check. */

const NAMES = Object.keys(CHECKS) as CheckName[];
/** What is noted by who reads the form, the signature and the database. */
const BEFORE = NAMES.slice(0, NAMES.indexOf('assertion'));

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.make();
});

function listOf(changes: Partial<ResponseOptions>, forceAuthn = false) {
  const checks = new Checks();
  for (const name of BEFORE) checks.passed(name, 'before');
  const xml = judge.response(changes);
  const response = prescan(xml, DEFAULT_SAML);
  if (isRejection(response)) return checks.list(response);
  const verdict = validateAssertion(
    {
      assertionXml: /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)![0],
      response,
      request: { id: judge.requestId, createdAt: new Date(judge.now.getTime() - 10_000) },
      settings: {
        spEntityId: judge.spEntityId,
        acsUrl: judge.acsUrl,
        idpEntityId: judge.idpEntityId,
        allowUnsolicited: false,
        forceAuthn,
        unsolicitedMaxAgeSeconds: 300,
        clockSkewSeconds: 0,
        requestedAuthnContext: ['urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified'],
      },
      now: judge.now,
    },
    checks,
  );
  return checks.list(isRejection(verdict) ? verdict : undefined);
}

const past = (seconds: number) => at(judge.now, -seconds);

it('an answer that is accepted passed every check, in order', () => {
  const list = listOf({});
  expect(list.map(({ name }) => name)).toEqual(NAMES.slice(0, -1));
  expect(list.map(({ state }) => state)).toEqual(list.map(() => 'passed'));
  expect(list.find(({ name }) => name === 'audience')).toMatchObject({
    got: judge.spEntityId,
    wanted: judge.spEntityId,
  });
});

it.each<[CheckName, string, () => Partial<ResponseOptions>]>([
  ['assertion', 'version', () => ({ assertionVersion: '2.1' })],
  ['status', 'status-not-success', () => ({ statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Requester' })],
  ['response-issuer', 'issuer-mismatch', () => ({ responseIssuer: 'https://other.example' })],
  ['destination', 'destination-mismatch', () => ({ destination: 'https://other.example/acs' })],
  ['response-request', 'in-response-to-mismatch', () => ({ responseInResponseTo: '_other' })],
  ['assertion-issuer', 'issuer-mismatch', () => ({ assertionIssuer: 'https://other.example' })],
  ['age', 'too-old', () => ({ issueInstant: past(6000) })],
  ['name-id', 'name-id-invalid', () => ({ nameId: ' ' })],
  ['confirmation', 'confirmation-method', () => ({ method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' })],
  ['recipient', 'recipient-mismatch', () => ({ recipient: 'https://other.example/acs' })],
  ['confirmation-time', 'expired', () => ({ confirmationNotOnOrAfter: past(60) })],
  ['confirmation-request', 'in-response-to-mismatch', () => ({ confirmationInResponseTo: '_other' })],
  ['not-before', 'not-yet-valid', () => ({ notBefore: past(-60) })],
  ['not-on-or-after', 'expired', () => ({ notOnOrAfter: past(60) })],
  ['lifetime', 'lifetime-too-long', () => ({ notOnOrAfter: past(-2 * 86_400) })],
  ['audience', 'audience-mismatch', () => ({ spEntityId: 'https://other.example/metadata' })],
  ['authentication', 'authn-statement-missing', () => ({ authnStatement: '' })],
  ['session-end', 'session-expired', () => ({ sessionNotOnOrAfter: past(60) })],
  [
    'context',
    'authn-context-mismatch',
    () => ({ authnStatement: `<saml:AuthnStatement AuthnInstant="${at(judge.now)}"/>` }),
  ],
  ['reauthentication', 'reauthentication-missing', () => ({ authnInstant: past(3600) })],
])('what stops at %s passed all before and reached none after', (name, reason, changes) => {
  const list = listOf(changes(), true);
  const place = NAMES.indexOf(name);
  expect(list.map((check) => check.name)).toEqual(NAMES);
  expect(list[place]).toMatchObject({ state: 'failed', reason });
  expect(list.slice(0, place).map(({ state }) => state)).toEqual(list.slice(0, place).map(() => 'passed'));
  expect(list.slice(place + 1).map(({ state }) => state)).toEqual(list.slice(place + 1).map(() => 'not-reached'));
});

it('one confirmation that holds is enough, and is the one that is told', () => {
  const confirmation = (recipient: string) =>
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
      InResponseTo="${judge.requestId}" Recipient="${recipient}" NotOnOrAfter="${past(-60)}"/></saml:SubjectConfirmation>`;
  const good = confirmation(judge.acsUrl);
  const bad = confirmation('https://other.example');
  for (const confirmations of [good + bad, bad + good]) {
    expect(listOf({ confirmations }).map(({ name }) => name)).toEqual(NAMES.slice(0, -1));
  }
  expect(listOf({ confirmations: bad + bad }).find(({ state }) => state === 'failed')).toMatchObject({
    name: 'recipient',
    got: 'https://other.example',
    wanted: judge.acsUrl,
  });
});

it('an IdP that says no is at the status, though nothing before was looked at', () => {
  const checks = new Checks();
  const list = checks.list(reject('status-not-success', 'StatusCode', ['no'], 'yes'));
  expect(list.find(({ state }) => state === 'failed')).toMatchObject({ name: 'status', got: ['no'], wanted: 'yes' });
});

it.each<[CheckName, object]>([
  ['login-request', { connectionId: 'other' }],
  ['browser', { ofThisBrowser: false }],
  ['first-answer', { consumedAt: new Date(1) }],
  ['request-in-time', { expiresAt: new Date(5) }],
  ['relay-state', { relayStateMatches: false }],
])('a login request that fails at %s', (name, changes) => {
  const checks = new Checks();
  for (const before of NAMES.slice(0, NAMES.indexOf('login-request'))) checks.passed(before, 'before');
  const found = {
    id: '_1',
    connectionId: 'c',
    targetUrl: '/',
    createdAt: new Date(0),
    expiresAt: new Date(100),
    consumedAt: null,
    ofThisBrowser: true,
    relayStateMatches: true,
    mayReplace: false,
    ...changes,
  };
  const fault = judgeLoginRequest(found, 'c', new Date(10), checks);
  expect(checks.list(fault).find(({ state }) => state === 'failed')?.name).toBe(name);
});
