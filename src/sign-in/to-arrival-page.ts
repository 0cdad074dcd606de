import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';

/** Who has arrived, who is here, and where the arrived one wanted to go. */
export interface Arrival {
  readonly arrived: string;
  readonly present: string;
  readonly target: string | undefined;
}

/** Asks whether somebody else signs in here. `base`: this server's address. */
export function toArrivalPage(base: string, { arrived, present, target }: Arrival): Page {
  const title = `Continue as ${arrived}?`;
  const main = html`<h1>${title}</h1>
    <p>
      You are signed in as <strong>${present}</strong>. Your company’s sign-in service has just sent a sign-in as
      <strong>${arrived}</strong>.
    </p>
    <p>If it was not you who began it, stay as you are: somebody may want you to work under their name.</p>
    <form method="post" action="${base}/session/arrival">
      ${target === undefined ? null : html`<input type="hidden" name="target" value="${target}" />`}
      <p><button type="submit" name="choice" value="stay">Stay ${present}</button></p>
      <p><button type="submit" name="choice" value="continue" class="plain">Continue as ${arrived}</button></p>
    </form>
    <p class="soft">If you continue, you are signed out as ${present}.</p>`;
  return renderPage({ title, main });
}
