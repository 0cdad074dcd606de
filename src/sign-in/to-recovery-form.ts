import { html, type Html } from '../platform/html.js';

export interface RecoveryContent {
  /** Whose people it is for, where the address says so. */
  readonly slug: string | undefined;
  readonly targetUrl: string | undefined;
  /** What was typed before, but for the code. */
  readonly userName?: string | undefined;
  readonly problem?: RecoveryProblem | undefined;
}

export type RecoveryProblem = 'incomplete' | 'no-code';

/** The form for recovery codes, a part of a page that `?noLoginRedirect` asks for. `base`: this server's address. */
export function toRecoveryForm(base: string, { slug, targetUrl, userName, problem }: RecoveryContent): Html {
  return html`<section aria-labelledby="recovery">
    <h2 id="recovery">Sign in with a recovery code</h2>
    <p>For those who were given recovery codes for an emergency. Each code works once.</p>
    ${problem && html`<p class="problem" id="recovery-problem">${RECOVERY_PROBLEMS[problem]}</p>`}
    <form method="post" action="${base}/sign-in/recovery">
      ${targetUrl === undefined ? null : html`<input type="hidden" name="targetUrl" value="${targetUrl}" />`}
      ${slug === undefined ? ORGANIZATION : html`<input type="hidden" name="organization" value="${slug}" />`}
      <label for="userName">User name or e-mail address</label>
      <input
        type="text"
        id="userName"
        name="userName"
        value="${userName}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        maxlength="255"
        required
      />
      <label for="code">Recovery code</label>
      <p class="hint" id="code-form">Twenty letters and digits, with or without the hyphens.</p>
      <input
        type="text"
        id="code"
        name="code"
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck="false"
        maxlength="60"
        required
        aria-describedby="${problem === undefined ? 'code-form' : 'recovery-problem code-form'}"
        ${problem === 'no-code' ? html`aria-invalid="true"` : null}
      />
      <button type="submit">Sign in</button>
    </form>
  </section>`;
}

export const RECOVERY_PROBLEMS: Readonly<Record<RecoveryProblem, string>> = {
  incomplete: 'Something is missing: fill in every field.',
  'no-code': 'That is not a recovery code. Check it for typing errors; it has no I, no O, no zero and no one.',
};

const ORGANIZATION = html`<label for="organization">Organization</label>
  <p class="hint" id="organization-form">Its short name, as in your company’s sign-in link.</p>
  <input
    type="text"
    id="organization"
    name="organization"
    autocomplete="organization"
    autocapitalize="none"
    spellcheck="false"
    maxlength="63"
    required
    aria-describedby="organization-form"
  />`;
