import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import type { SamlConnection } from './saml-answer.js';

/** What the address of a test sign-in shows, before it is used. `base`: this server's address, which may have a path. */
export function toTestStartPage({ id, name, saml }: SamlConnection, token: string, base: string): Page {
  const main = html`<h1>Test sign-in</h1>
    <p>
      You will sign in at the sign-in service of the connection <strong>${name}</strong>, as people do. Nobody is signed
      in here by it and nothing is changed: you are shown what was received, what was checked, and what a sign-in would
      do.
    </p>
    <p class="soft">Sign in there as the person you want to know about. The test can be done once.</p>
    <form method="post" action="${base}/saml/${id}/test/${token}"><button>Begin the test</button></form>`;
  // Browsers apply the policy for forms to where the answer leads, too, and IdPs send people on to other hosts of theirs.
  return renderPage({ title: 'Test sign-in', main, formTargets: [new URL(saml.ssoUrl).protocol] });
}

/** The address begins no test, or this browser has not begun the one whose result it is. */
export function toGonePage(): Page {
  const main = html`<h1>This test is over</h1>
    <p>
      The address of a test sign-in can be used once, within 15 minutes, and its result is shown for a few minutes in
      the browser that began it. An operator can read the result later (<code>connection test-sign-in-result</code>), or
      make another test.
    </p>`;
  return renderPage({ title: 'Test sign-in', main });
}
