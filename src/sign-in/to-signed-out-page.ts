import { html, type Html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import type { LogoutOutcome } from '../sessions/logout-requests.service.js';

/** What is known of the session at the IdP; `asked`: nothing, though it was asked; `here`: it was not asked. */
export type SignedOutAt = LogoutOutcome | 'asked' | 'here';

const TEXTS: Readonly<Record<SignedOutAt, { readonly title: string; readonly text: Html }>> = {
  confirmed: {
    title: 'You are signed out',
    text: html`<p>You are signed out here, and your company’s sign-in service says that you are signed out there.</p>`,
  },
  partial: {
    title: 'You are signed out here',
    text: html`<p>
      Your company’s sign-in service says that it could not sign you out everywhere. To be sure, sign out of the
      applications that you used, and close all windows of the browser.
    </p>`,
  },
  refused: {
    title: 'You are signed out here',
    text: html`<p>
      Your company’s sign-in service says that it did <strong>not</strong> sign you out there. Whoever uses this browser
      may be signed in again without a password. Sign out there, or close all windows of the browser.
    </p>`,
  },
  asked: {
    title: 'You are signed out here',
    text: html`<p>
      Your company’s sign-in service has <strong>not confirmed</strong> that you are signed out there too. Whoever uses
      this browser may be signed in again without a password. Sign out there, or close all windows of the browser.
    </p>`,
  },
  here: {
    title: 'You are signed out here',
    text: html`<p>At your company’s sign-in service you may still be signed in.</p>`,
  },
};

/** Where a person lands whose session has ended. `signInAgain`: where it would begin anew. `base`: this server's address. */
export function toSignedOutPage(at: SignedOutAt, signInAgain: string | undefined, base: string): Page {
  const { title, text } = TEXTS[at];
  const main = html`<h1>${title}</h1>
    ${text} ${signInAgain === undefined ? null : html`<p><a class="button" href="${signInAgain}">Sign in again</a></p>`}
    <p><a href="${base}/">Start page</a></p>`;
  return renderPage({ title, main });
}
