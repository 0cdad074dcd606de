import { toTestStartPage } from '../../src/saml/to-test-start-page.js';
import type { SamlConnection } from '../../src/saml/saml-answer.js';

describe('the page that begins a test sign-in', () => {
  const saml = { ssoUrl: 'https://idp.example/sso' } as SamlConnection['saml'];
  const page = toTestStartPage({ id: 'c', name: 'Corp', saml } as SamlConnection, 't', 'https://example.com/rollcall');

  it('sends its form to this server, which may be reached under a path', () => {
    expect(page.body).toContain('action="https://example.com/rollcall/saml/c/test/t"');
  });

  it('lets the IdP send people on to other hosts of theirs', () => {
    expect(page.headers['content-security-policy']).toContain("form-action 'self' https:;");
  });
});
