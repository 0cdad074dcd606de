import { beginningCookies, browserSecretsOf, endingCookie } from '../../src/saml/login-cookies.js';

const id = (n: number) => `_${String(n).repeat(40)}`;

describe('cookies of sign-ins under way', () => {
  it('are for this host alone, last ten minutes and survive the cross-site POST on https', () => {
    expect(beginningCookies(undefined, id(1), 'secret', true)).toEqual([
      '__Host-rc_login_11111111=secret; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=None',
    ]);
  });

  it('are Lax on plain http, where SameSite=None is refused', () => {
    expect(beginningCookies(undefined, id(1), 'secret', false)).toEqual([
      'rc_login_11111111=secret; Max-Age=600; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });

  it('are at most five: the sixth ends the oldest', () => {
    const header = [1, 2, 3, 4, 5].map((n) => `rc_login_${String(n).repeat(8)}=s${n}`).join('; ');
    expect(beginningCookies(`other=1; ${header}`, id(6), 's6', false)).toEqual([
      'rc_login_11111111=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
      'rc_login_66666666=s6; Max-Age=600; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });

  it('end where they began', () => {
    expect(endingCookie(id(1), true)).toBe(
      '__Host-rc_login_11111111=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=None',
    );
  });

  it('are read under their own name only: on https never without __Host-, which other hosts cannot set', () => {
    const header = 'rc_login_11111111=planted; __Host-rc_login_22222222=own; __Host-rc_login_x=no; rc_session=no';
    expect(browserSecretsOf(header, true)).toEqual(['own']);
    expect(browserSecretsOf(header, false)).toEqual(['planted']);
    expect(browserSecretsOf(undefined, true)).toEqual([]);
  });

  it('are never more than five to look for', () => {
    const header = Array.from({ length: 200 }, (_, n) => `rc_login_${String(n).padStart(8, '0')}=s${n}`).join('; ');
    expect(browserSecretsOf(header, false)).toEqual(['s195', 's196', 's197', 's198', 's199']);
  });
});
