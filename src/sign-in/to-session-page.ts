import { html, type Html } from '../platform/html.js';
import { renderPage, toAnyIdp, type Page } from '../platform/page.js';
import type { SessionView } from './to-session-view.js';

/** One of the sessions of the person who looks. */
export interface OwnSession {
  readonly id: string;
  readonly connectionName: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** The one in which they look. */
  readonly isThis: boolean;
}

/** The page of a signed-in person: who they are here, where else they are signed in, and the ways out. `base`: this server's
 * address; `everywhere`: the IdP takes requests to log out. */
export function toSessionPage(
  view: SessionView,
  sessions: readonly OwnSession[],
  { base, everywhere }: { readonly base: string; readonly everywhere: boolean },
): Page {
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
      <dd>${toTime(view.session.expiresAt)}</dd>
    </dl>
    <form method="post" action="${base}/sign-out">
      ${everywhere ? html`<button type="submit" name="everywhere" value="yes">Sign out here and at your company</button>` : null}
      <button type="submit" ${everywhere ? html`class="plain"` : null}>
        ${everywhere ? 'Sign out here only' : 'Sign out'}
      </button>
    </form>
    <h2>Where you are signed in</h2>
    <p class="soft">Something here you do not know? End it, and tell your administrator.</p>
    <ul>
      ${sessions.map((session) => toItem(session, base))}
    </ul>
    ${
      sessions.length > 1
        ? html`<form method="post" action="${base}/session/revoke-others">
            <button class="plain" type="submit">End all others</button>
          </form>`
        : null
    }
    <p class="soft">
      Applications read the same as JSON: <code>GET /session</code> with <code>Accept: application/json</code>.
    </p>
    <p><a href="${base}/">Start page</a></p>`;
  return renderPage({ title: 'You are signed in', main, formTargets: everywhere ? toAnyIdp(base) : [] });
}

function toItem({ id, connectionName, createdAt, lastSeenAt, isThis }: OwnSession, base: string): Html {
  const how = connectionName === null ? 'with a recovery code' : `over ${connectionName}`;
  const since = html`Since ${toTime(createdAt.toISOString())} ${how}`;
  if (isThis) return html`<li><strong>This one.</strong> ${since}</li>`;
  return html`<li>
    ${since}, last used ${toTime(lastSeenAt.toISOString())}
    <form method="post" action="${base}/session/revoke">
      <input type="hidden" name="session" value="${id}" />
      <button class="plain" type="submit" aria-label="End the session of ${toText(createdAt.toISOString())}">
        End
      </button>
    </form>
  </li>`;
}

const toText = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

const toTime = (instant: string): Html => html`<time datetime="${instant}">${toText(instant)}</time>`;
