import type { HomeRealm, WayIn } from '../organizations/home-realm.reader.js';
import { html, type Html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import { loginAddress, type Errand } from './login-addresses.js';
import { RECOVERY_PROBLEMS, toRecoveryForm, type RecoveryContent } from './to-recovery-form.js';

/** The page of an organization's link: a button for each way in, and the form for recovery codes where it is asked for. `base`: this server's address. */
export function toOrganizationPage(
  base: string,
  { name, ways }: HomeRealm,
  errand: Errand,
  recovery?: RecoveryContent,
): Page {
  const title = `Sign in to ${name}`;
  const main = html`<h1>${title}</h1>
    ${ways.length === 0 ? NO_WAY : toButtons(base, ways, errand)} ${recovery && toRecoveryForm(base, recovery)}`;
  const wrong = recovery?.problem && RECOVERY_PROBLEMS[recovery.problem];
  return renderPage({ title: wrong ?? title, main });
}

const NO_WAY = html`<p>Nobody can sign in here at the moment. Your company’s administrator can change that.</p>`;

const toButtons = (base: string, ways: readonly WayIn[], errand: Errand): Html =>
  html`${ways.length > 1 ? html`<p>How do you sign in at your company?</p>` : null}
    <ul class="ways">
      ${ways.map(
        ({ id, name }) =>
          html`<li><a class="button" href="${loginAddress(base, id, errand)}">Sign in with ${name}</a></li>`,
      )}
    </ul>`;
