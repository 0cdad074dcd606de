import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import { DEMO_GROUPS, DEMO_PEOPLE, UNKNOWN_GROUP } from './demo-people.js';

const NOTICE = 'Demo identity provider: it signs in anybody, without a password. Never use it for real data.';

/** The question of the demo IdP: who are you, and which groups are you in? */
export function toDemoForm(samlRequest: string, relayState: string): Page {
  const main = html`<h1>Sign in with the demo IdP</h1>
    <p>
      This page plays your company's identity provider. Choose who you are and what the company says about you; Rollcall
      gets a signed SAML assertion that says so.
    </p>
    <form method="post" action="/sso">
      <input type="hidden" name="SAMLRequest" value="${samlRequest}" />
      <input type="hidden" name="RelayState" value="${relayState}" />
      <fieldset>
        <legend>Person</legend>
        ${DEMO_PEOPLE.map(
          (person, index) =>
            html`<label
              ><input
                type="radio"
                name="person"
                value="${person.nameId}"
                ${index === 0 ? html`checked` : null}
                required
              />
              ${person.givenName} ${person.familyName} <span class="soft">${person.email}</span></label
            >`,
        )}
      </fieldset>
      <fieldset>
        <legend>Groups</legend>
        ${DEMO_GROUPS.map(
          (group, index) =>
            html`<label
              ><input type="checkbox" name="groups" value="${group}" ${index === 0 ? html`checked` : null} />
              ${group}</label
            >`,
        )}
        <label
          ><input type="checkbox" name="groups" value="${UNKNOWN_GROUP}" /> ${UNKNOWN_GROUP}
          <span class="soft">Rollcall has no such group</span></label
        >
      </fieldset>
      <button type="submit">Sign in</button>
    </form>`;
  return renderPage({ title: 'Demo IdP', main, notice: NOTICE });
}

/** Hands the answer to the browser, which sends it on: by itself, or by the button where scripts do not run. */
export function toDemoAnswer(acsUrl: string, samlResponse: string, relayState: string): Page {
  const main = html`<h1>Signing you in</h1>
    <form method="post" action="${acsUrl}">
      <input type="hidden" name="SAMLResponse" value="${samlResponse}" />
      <input type="hidden" name="RelayState" value="${relayState}" />
      <p>If nothing happens, press the button.</p>
      <button type="submit">Continue to Rollcall</button>
    </form>`;
  const formTargets = [new URL(acsUrl).origin];
  return renderPage({ title: 'Demo IdP', main, notice: NOTICE, formTargets, script: 'document.forms[0].submit()' });
}

/** Everything that is not a sign-in begun at Rollcall. */
export function toDemoHint(rollcallUrl: string): Page {
  const main = html`<h1>Demo identity provider</h1>
    <p>
      A sign-in begins at Rollcall, which sends you here: <a href="${rollcallUrl}/">start page</a>. The
      <a href="/metadata">metadata</a> of this IdP shows what a connection needs to know about it.
    </p>`;
  return renderPage({ title: 'Demo IdP', main, notice: NOTICE });
}
