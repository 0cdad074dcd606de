import { createHash } from 'node:crypto';
import { html, Html } from './html.js';

/** A whole page with the headers that belong to it. */
export interface Page {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** Above everything, for pages that must not be mistaken for others. */
  readonly notice?: string;
  /** For tables. */
  readonly wide?: boolean;
  /** Origins, or schemes as `https:`, besides our own that a form on this page may be sent to and redirected to. */
  readonly formTargets?: readonly string[];
  /** The only script that may run, put at the end of the page; never made of anything variable. */
  readonly script?: string;
}

/**
 * Where a form may lead that ends at the IdP of whoever sends it: browsers hold the redirects that follow a form to this list too.
 * `base`: this server's address.
 */
export const toAnyIdp = (base: string): readonly string[] =>
  base.startsWith('https:') ? ['https:'] : ['https:', 'http:'];

/** A page in the one style of this server: not cached, not framed, and without any script that is not named. */
export function renderPage({ title, main, notice, wide = false, formTargets = [], script }: PageContent): Page {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Rollcall</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${notice === undefined ? null : html`<header class="notice">${notice}</header>`}
        ${wide ? html`<main class="wide">${main}</main>` : html`<main>${main}</main>`}
        ${script === undefined ? null : new Html(`<script>${script}</script>`)}
      </body>
    </html> `;
  return { body: page.text, headers: headersFor(formTargets, script) };
}

function headersFor(formTargets: readonly string[], script: string | undefined): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${sourceOf(STYLE)}`,
    ...(script === undefined ? [] : [`script-src ${sourceOf(script)}`]),
    ["form-action 'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not no-referrer: with it browsers send `Origin: null` even from our own forms.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #55606e; --paper: #ffffff; --ground: #f2f4f7; --line: #d5dae1;
  --accent: #1d4f91; --on-accent: #ffffff; --notice: #fff2cc; --on-notice: #4a3800; --problem: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a9b3c0; --paper: #1b222c; --ground: #11161d;
  --line: #38424f; --accent: #8fbaf5; --on-accent: #0d1a2b; --notice: #4a3a08; --on-notice: #ffe9a8;
  --problem: #f2a29b; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 38rem; margin: 8vh auto 2rem; padding: 2rem 2.25rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .6rem; }
main.wide { max-width: 64rem; }
.notice { margin: 0; padding: .6rem 1rem; background: var(--notice); color: var(--on-notice); text-align: center; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
p { margin: .75rem 0; }
ol, ul { padding-left: 1.35rem; }
li { margin: .35rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.problem { margin: 1rem 0; padding: .1rem 1rem; border-left: .3rem solid var(--problem); background: var(--ground); }
.hint { margin: 0 0 .25rem; color: var(--soft); font-size: .92em; }
.code { font-size: 1.3rem; font-weight: 600; }
p.problem { padding: .6rem 1rem; }
section { margin-top: 2rem; padding-top: .25rem; border-top: 1px solid var(--line); }
.ways { margin: 1.25rem 0; padding: 0; list-style: none; }
.ways li { margin: .75rem 0; }
.ways .button { display: block; text-align: center; overflow-wrap: anywhere; }
input:is([type="email"], [type="text"]) { display: block; width: 100%; margin: .1rem 0 1rem; padding: .6rem .75rem; font: inherit;
  color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .4rem; }
input[aria-invalid] { border: 2px solid var(--problem); }
.button, button { display: inline-block; padding: .6rem 1.1rem; border: 1px solid var(--accent); border-radius: .4rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
.button.plain, button.plain { background: transparent; color: var(--accent); }
:is(a, button, input):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .45rem 1.5rem; margin: 1rem 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { width: 100%; min-width: 38rem; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere;
  min-width: 6.5rem; }
th { color: var(--soft); font-weight: 600; }
.failed { font-weight: 600; }
fieldset { margin: 1rem 0; padding: .75rem 1rem 1rem; border: 1px solid var(--line); border-radius: .4rem; }
legend { padding: 0 .4rem; font-weight: 600; }
label { display: block; padding: .25rem 0; }
input[type="radio"], input[type="checkbox"] { width: 1.05rem; height: 1.05rem; margin: 0 .55rem 0 0; vertical-align: -.15rem;
  accent-color: var(--accent); }
@media (max-width: 40rem) { main { margin: 0; padding: 1.25rem; border: 0; border-radius: 0; min-height: 100vh; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
`;

const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
