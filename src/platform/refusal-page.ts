import { toPageReply } from './error-page.js';
import type { ErrorReply } from './error-reply.js';
import { html } from './html.js';
import { renderPage } from './page.js';

export interface Refusal {
  readonly text: string;
  /** The sign-in record has the cause under it. */
  readonly incidentCode: string;
  /** Where the person can begin again; undefined where that is pointless. */
  readonly startAgain: string | undefined;
}

/** The page of a sign-in that was refused. It says what may be said; the cause is for the operator, who looks the code up. */
export function toRefusalPage({ text, incidentCode, startAgain }: Refusal): ErrorReply {
  const main = html`<h1>You could not be signed in</h1>
    <p>${text}</p>
    ${startAgain === undefined ? null : html`<p><a class="button" href="${startAgain}">Start again</a></p>`}
    <p>If it stays, give your administrator this code:</p>
    <p class="code"><code>${incidentCode}</code></p>`;
  const page = renderPage({ title: 'Sign-in refused', main });
  return toPageReply(403, { ...page, headers: { ...page.headers, 'referrer-policy': 'no-referrer' } });
}
