import { html } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';

/** The page at the root. It lists nobody's connections: who signs in comes from their company's own link. */
export function toStartPage(base: string): Page {
  const main = html`<h1>Rollcall</h1>
    <p>This server signs people in for the applications of their company and keeps their accounts up to date.</p>
    <p>To sign in, use the link or the tile that your company gave you.</p>
    <p><a href="${base}/session">Your session</a></p>`;
  return renderPage({ title: 'Sign in', main });
}
