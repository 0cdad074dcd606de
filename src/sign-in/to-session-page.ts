import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import type { SessionView } from './to-session-view.js';

/** The page of a signed-in person: who they are here, and the way out. `base`: this server's address. */
export function toSessionPage(view: SessionView, base: string): Page {
  const main = html`<h1>You are signed in</h1>
    <dl>
      <dt>Name</dt>
      <dd>${view.displayName ?? view.userName}</dd>
      <dt>User name</dt>
      <dd>${view.userName}</dd>
      <dt>E-mail</dt>
      <dd>${view.email ?? 'none'}</dd>
      <dt>Organization</dt>
      <dd>${view.organization.name}</dd>
      <dt>Groups</dt>
      <dd>${view.groups.map(({ displayName }) => displayName).join(', ') || 'none'}</dd>
      <dt>Role</dt>
      <dd>${view.role}</dd>
      <dt>Session ends</dt>
      <dd>
        <time datetime="${view.session.expiresAt}">${view.session.expiresAt.slice(0, 16).replace('T', ' ')} UTC</time>
      </dd>
    </dl>
    <form method="post" action="${base}/sign-out"><button type="submit">Sign out</button></form>
    <p class="soft">
      Applications read the same as JSON: <code>GET /session</code> with <code>Accept: application/json</code>.
    </p>
    <p><a href="${base}/">Start page</a></p>`;
  return renderPage({ title: 'You are signed in', main });
}
