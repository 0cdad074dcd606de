import type { Attributes, UserView } from '../../src/directory/directory-types.js';
import { readEmail } from '../../src/sign-in/read-email.js';
import { readForm } from '../../src/sign-in/read-form.js';
import { isSameOrigin } from '../../src/sign-in/is-same-origin.js';
import { toSessionPage } from '../../src/sign-in/to-session-page.js';
import { toSessionView } from '../../src/sign-in/to-session-view.js';
import { toArrivalPage } from '../../src/sign-in/to-arrival-page.js';
import { hasSignedIn, sessionCookies, sessionTokenOf } from '../../src/sessions/session-cookie.js';

const at = new Date('2026-11-24T10:00:00Z');
const session = { connectionId: 'c', createdAt: at, expiresAt: new Date('2026-11-24T12:00:00Z') };
const organization = { id: 'o', slug: 'acme', name: 'Acme <Corp>', roles: ['admin', 'member'] };

function person(attributes: Attributes, role = 'member'): UserView {
  const user = {
    id: 'u',
    connectionId: null,
    provenance: 'jit' as const,
    active: true,
    userName: 'ada@example.com',
    externalId: null,
    attributes,
    role,
    breakGlass: false,
    scimLinkApproved: false,
    version: 1,
    createdAt: at,
    updatedAt: at,
    deletedAt: null,
  };
  return {
    user,
    groups: [
      { id: 'g2', displayName: 'Support' },
      { id: 'g1', displayName: 'Engineering' },
    ],
  };
}

describe('what a signed-in person is shown', () => {
  it('is complete and derived at this moment', () => {
    const attributes: Attributes = {
      displayName: 'Ada Lovelace',
      emails: [{ value: 'old@example.com' }, { value: 'ada@example.com', primary: true }],
    };
    expect(toSessionView(session, person(attributes), organization, ['admin'])).toEqual({
      id: 'u',
      userName: 'ada@example.com',
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
      organization: { id: 'o', slug: 'acme', name: 'Acme <Corp>' },
      groups: [
        { id: 'g1', displayName: 'Engineering' },
        { id: 'g2', displayName: 'Support' },
      ],
      role: 'admin',
      session: {
        signedInAt: '2026-11-24T10:00:00.000Z',
        expiresAt: '2026-11-24T12:00:00.000Z',
        authenticatedBy: 'saml',
      },
    });
  });

  it('makes do with what there is', () => {
    const shown = (attributes: Attributes) => {
      const { displayName, email } = toSessionView(session, person(attributes), organization, []);
      return { displayName, email };
    };
    expect(shown({})).toEqual({ displayName: null, email: null });
    expect(shown({ name: { givenName: 'Ada', familyName: 'Lovelace' }, emails: [{ value: 'a@b.c' }] })).toEqual({
      displayName: 'Ada Lovelace',
      email: 'a@b.c',
    });
    expect(shown({ displayName: '', name: { formatted: 'Countess' }, emails: ['a@b.c', { value: 7 }] })).toEqual({
      displayName: 'Countess',
      email: null,
    });
  });

  it('is escaped on the page', () => {
    const view = toSessionView(session, person({ displayName: '<img src=x onerror=alert(1)>' }), organization, []);
    const own = { id: 'x', connectionName: '<b>Okta</b>', createdAt: new Date(), lastSeenAt: new Date() };
    const sessions = [
      { ...own, isThis: true },
      { ...own, isThis: false },
    ];
    const { body } = toSessionPage(view, sessions, { base: 'https://sso.example.com', everywhere: false });
    expect(body).toContain('over &lt;b&gt;Okta&lt;/b&gt;');
    expect(body).not.toContain('<img');
    expect(body).toContain('Acme &lt;Corp&gt;');
    expect(body).toContain('<form method="post" action="https://sso.example.com/sign-out">');
  });
});

describe('a request from a page of ours', () => {
  const own = 'https://sso.example.com';
  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
    [{ 'sec-fetch-site': 'same-site', origin: own }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: own }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: own }, true],
    [{ origin: 'null' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: `${own}.evil.example` }, false],
    [{}, false],
  ])('%p: %p', (headers, expected) => expect(isSameOrigin(headers, own)).toBe(expected));
});

it('who arrives under the name of the one who is here is told apart', () => {
  const present = { name: 'Ada Lovelace', userName: 'ada@acme.example', organization: 'Acme' };
  const arrived = { name: 'Ada Lovelace', userName: 'ada@acme.example.evil', organization: 'Evil <b>' };
  const { body } = toArrivalPage('https://sso.example.com', { arrived, arrivedId: 'id', present, target: undefined });
  expect(body).toContain('<strong>Ada Lovelace</strong> (ada@acme.example) at <strong>Acme</strong>');
  expect(body).toContain('<strong>Ada Lovelace</strong> (ada@acme.example.evil) at <strong>Evil &lt;b&gt;</strong>');
});

describe('the session cookie', () => {
  it('is for this host alone and not for scripts', () => {
    expect(sessionCookies('rc_sess_x', session.expiresAt, true)[0]).toBe(
      '__Host-rc_session=rc_sess_x; Path=/; Expires=Tue, 24 Nov 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
    );
    expect(sessionCookies('rc_sess_x', session.expiresAt, false)[0]).toBe(
      'rc_session=rc_sess_x; Path=/; Expires=Tue, 24 Nov 2026 12:00:00 GMT; HttpOnly; SameSite=Lax',
    );
  });

  it('comes with one that says to the answers of other sites that it has come', () => {
    const [, signedIn] = sessionCookies('rc_sess_x', session.expiresAt, true);
    expect(signedIn).toBe('__Host-rc_signed_in=1; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=None');
    expect(hasSignedIn('__Host-rc_signed_in=1', true)).toBe(true);
    expect(hasSignedIn('rc_signed_in=1', true)).toBe(false);
    expect(hasSignedIn(undefined, true)).toBe(false);
  });

  it('is read on https only under the name that other hosts cannot set', () => {
    expect(sessionTokenOf('rc_session=planted; a=b', true)).toBeUndefined();
    expect(sessionTokenOf('rc_session=planted; __Host-rc_session=own', true)).toBe('own');
    expect(sessionTokenOf(undefined, true)).toBeUndefined();
  });
});

describe('what is typed', () => {
  it.each([
    ['Ada@Example.COM', 'example.com'],
    ["o'neil+tag@sub.example.com", 'sub.example.com'],
    ['ada@münchen.example', 'xn--mnchen-3ya.example'],
    ['ada@xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    ['ada@example', undefined],
    ['ada@192.0.2.1', undefined],
    ['ada@exa mple.com', undefined],
    ['ada@example.com@evil.example', undefined],
    [`${'a'.repeat(250)}@example.com`, undefined],
    ['ada\u0000@example.com', undefined],
  ])('the domain of %j is %j', (address, domain) => {
    expect(readEmail(address)).toEqual(domain === undefined ? undefined : { address, domain });
  });

  it('is one field, once', () => {
    expect(readForm('email=+a%40b.c+&x=1')('email')).toBe('a@b.c');
    for (const body of ['x=1', 'email=', 'email=a&email=b', 'email=a%00b', undefined, { email: 'a' }]) {
      expect(readForm(body)('email')).toBeUndefined();
    }
  });

  it.each([
    ['many', `email=a&${Array.from({ length: 10 }, (_, index) => `x${index}`).join('&')}`],
    ['unprintable', 'email=a&%00=1'],
  ])('is none of a form with %s others', (_what, body) => {
    expect(readForm(body)('email')).toBeUndefined();
  });
});
