import { html, type Html } from '../platform/html.js';
import { renderPage, toAnyIdp, type Page } from '../platform/page.js';
import { RECOVERY_PROBLEMS, toRecoveryForm, type RecoveryContent } from './to-recovery-form.js';

export interface StartPageContent {
  /** The form for recovery codes is asked for. */
  readonly recovery?: RecoveryContent | undefined;
  readonly targetUrl?: string | undefined;
  /** What was typed before, to be mended. */
  readonly email?: string | undefined;
  readonly problem?: StartProblem | undefined;
}

export type StartProblem = 'no-address' | 'no-way';

/**
 * The page at the root: it asks for an e-mail address and lists nobody's connections. What it says of an address that leads nowhere is
 * the same whatever the cause. `base`: this server's address.
 */
export function toStartPage(base: string, { targetUrl, email, problem, recovery }: StartPageContent = {}): Page {
  const main = html`<h1>Sign in</h1>
    ${problem && PROBLEMS[problem].text}
    <form method="post" action="${base}/sign-in">
      ${targetUrl === undefined ? null : html`<input type="hidden" name="targetUrl" value="${targetUrl}" />`}
      <label for="email">Your e-mail address at work</label>
      <input
        type="email"
        id="email"
        name="email"
        value="${email}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        maxlength="254"
        required
        ${problem === undefined ? null : html`aria-invalid="true" aria-describedby="problem"`}
      />
      <button type="submit">Continue</button>
    </form>
    <p class="soft">You sign in with your company’s own sign-in service. If your company gave you a link, use that.</p>
    ${recovery && toRecoveryForm(base, recovery)}
    <p><a href="${base}/session">Your session</a></p>`;
  const wrong = problem ? PROBLEMS[problem].title : recovery?.problem && RECOVERY_PROBLEMS[recovery.problem];
  return renderPage({ title: wrong ?? 'Sign in', main, formTargets: toAnyIdp(base) });
}

const problemText = (title: string, more: string): { title: string; text: Html } => ({
  title,
  text: html`<div class="problem" id="problem">
    <p><strong>${title}</strong></p>
    <p>${more}</p>
  </div>`,
});

const PROBLEMS: Readonly<Record<StartProblem, { title: string; text: Html }>> = {
  'no-address': problemText('That is not an e-mail address', 'An address looks like name@company.example.'),
  'no-way': problemText(
    'Nobody signs in here with this address',
    'Check it for typing errors, and use the address of your company, not a private one. If it is right, ask your company’s ' +
      'administrator for your sign-in link.',
  ),
};
