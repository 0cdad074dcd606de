import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';

export interface DemoConnection {
  readonly id: string;
  readonly name: string;
}

/** The start page of a demo: what to try, in the order in which it explains the product. `base`: this server's address. */
export function toDemoStartPage(base: string, organization: string, connections: readonly DemoConnection[]): Page {
  const buttons = connections.map(
    ({ id, name }) => html`<p><a class="button" href="${base}/saml/${id}/login">Sign in with ${name}</a></p>`,
  );
  const main = html`<h1>Rollcall demo</h1>
    <p>
      Rollcall signs people in by SAML, takes their accounts and groups by SCIM, and decides who may change what when
      both meet. This server runs with an invented company, <strong>${organization}</strong>, and an identity provider
      of its own.
    </p>
    <h2>Try it</h2>
    ${buttons.length > 0 ? buttons : html`<p>The demo organization has no connection that is switched on.</p>`}
    <ol>
      <li>Sign in as Ada with some groups ticked. The account is made while you sign in.</li>
      <li>Sign out, sign in again with other groups ticked: the memberships follow.</li>
      <li>
        Create Grace by SCIM with the commands that the server printed at its first start, then sign in as Grace. SCIM
        is the authority for her account now: the ticked groups change nothing.
      </li>
      <li>Set <code>"active": false</code> on her by SCIM: her session ends with the same request.</li>
    </ol>
    <h2>Addresses</h2>
    <ul>
      <li><a href="${base}/session">Your session</a>, also as JSON</li>
      <li><a href="${base}/sign-in">The sign-in page</a> of a server that is no demo</li>
      <li>SCIM: <code>${base}/scim/v2</code></li>
      ${connections.map(
        ({ id, name }) => html`<li><a href="${base}/saml/${id}/metadata">SAML metadata</a> for ${name}</li>`,
      )}
    </ul>`;
  const notice = 'Demo: anybody can sign in here. Nothing on this server is protected.';
  return renderPage({ title: 'Demo', main, notice });
}
