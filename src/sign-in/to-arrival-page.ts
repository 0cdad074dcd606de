import { html, type Html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';

/**
 * Whoever sent the sign-in chooses how its person is called, also like the one who is here. What the organization is called is the
 * operator's word.
 */
export interface Somebody {
  readonly name: string;
  readonly userName: string;
  readonly organization: string;
}

/** Who has arrived, who is here, and where the arrived one wanted to go. */
export interface Arrival {
  readonly arrived: Somebody;
  /** The session of the one who has arrived. */
  readonly arrivedId: string;
  readonly present: Somebody;
  readonly target: string | undefined;
}

/** Asks whether somebody else signs in here. `base`: this server's address. */
export function toArrivalPage(base: string, { arrived, arrivedId, present, target }: Arrival): Page {
  const title = `Continue as ${arrived.name}?`;
  const main = html`<h1>${title}</h1>
    <p>You are signed in as ${toWords(present)}. A sign-in as ${toWords(arrived)} has just arrived.</p>
    <p>If it was not you who began it, stay as you are: somebody may want you to work under their name.</p>
    <form method="post" action="${base}/session/arrival">
      <input type="hidden" name="session" value="${arrivedId}" />
      ${target === undefined ? null : html`<input type="hidden" name="target" value="${target}" />`}
      <p><button type="submit" name="choice" value="stay">Stay ${present.name}</button></p>
      <p><button type="submit" name="choice" value="continue" class="plain">Continue as ${arrived.name}</button></p>
    </form>
    <p class="soft">If you continue, you are signed out as ${present.name}.</p>`;
  return renderPage({ title, main });
}

const toWords = ({ name, userName, organization }: Somebody): Html =>
  html`<strong>${name}</strong>${name === userName ? null : ` (${userName})`} at <strong>${organization}</strong>`;
