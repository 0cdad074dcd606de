import { toPageReply } from '../platform/error-page.js';
import type { ErrorReply } from '../platform/error-reply.js';
import { html } from '../platform/html.js';
import { renderPage } from '../platform/page.js';
import type { LogoutRefused } from './logout-refused.js';

/** A logout message was not believed. The cause is for the operator, who looks the code up. */
export function toLogoutRefusedPage({ incidentCode, sessionUrl }: LogoutRefused): ErrorReply {
  const main = html`<h1>You were not signed out</h1>
    <p>
      A message that is to come from your company’s sign-in service was not accepted. Nothing was changed: if you are
      signed in here, you still are.
    </p>
    <p><a class="button" href="${sessionUrl}">Your session</a></p>
    <p>If it stays, give your administrator this code:</p>
    <p class="code"><code>${incidentCode}</code></p>`;
  const page = renderPage({ title: 'Not signed out', main });
  return toPageReply(400, { ...page, headers: { ...page.headers, 'referrer-policy': 'no-referrer' } });
}
