import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';

/** Sends the form by itself; without scripts, the button does. */
const SUBMIT = 'document.forms[0].submit();';

/** A message on its way to the IdP by the browser (SAML 2.0 bindings, section 3.5.4): base64, not deflated. */
export function toPostPage(
  action: string,
  message: { readonly kind: 'SAMLRequest' | 'SAMLResponse'; readonly xml: string; readonly relayState?: string },
): Page {
  const { kind, xml, relayState } = message;
  const main = html`<h1>To your company’s sign-in</h1>
    <form method="post" action="${action}">
      <input type="hidden" name="${kind}" value="${Buffer.from(xml).toString('base64')}" />
      ${relayState === undefined ? null : html`<input type="hidden" name="RelayState" value="${relayState}" />`}
      <p>You are taken to the sign-in service of your company.</p>
      <button type="submit">Continue</button>
    </form>`;
  // Not only its origin: browsers hold the redirects that follow a form to this list, and IdPs send people on to other hosts of theirs.
  return renderPage({ title: 'Sign in', main, formTargets: [new URL(action).protocol], script: SUBMIT });
}
