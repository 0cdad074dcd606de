import { html, type Html, type HtmlValue } from '../platform/html.js';
import { renderPage, type Page } from '../platform/page.js';
import type { GroupEffect, LoginPreview } from '../reconciliation/describe-login.js';
import type { TestSignInResult } from '../reconciliation/test-sign-in-result.js';
import type { DetailCheck, SignInDetail } from '../sessions/sign-in-detail.js';
import type { SamlConnection } from './saml-answer.js';
import { toText } from './to-text.js';

/** What a test sign-in has shown, for the operator who did it. Everything in it is text of an IdP, and escaped. */
export function toTestResultPage({ name, enabled }: SamlConnection, result: TestSignInResult): Page {
  const { outcome, reason, detail, preview } = result;
  const accepted = outcome === 'accepted';
  const main = html`<h1>${accepted ? 'The sign-in would be accepted' : 'The sign-in would be refused'}</h1>
    <p>A test of the connection <strong>${name}</strong>: nobody was signed in, and nothing was changed.</p>
    ${enabled ? null : html`<p>The connection is disabled: until it is enabled, every real sign-in is refused.</p>`}
    ${accepted ? null : html`<p class="failed">Reason: <code>${reason}</code>${whatFailed(detail)}</p>`}
    ${
      detail.hints.length === 0
        ? null
        : html`<h2>What to do</h2>
            <ul>
              ${detail.hints.map((hint) => html`<li>${hint}</li>`)}
            </ul>`
    }
    ${preview && decisionPart(preview)} ${preview && groupsPart(preview.groups)} ${mappingPart(detail)}
    ${attributesPart(detail)} ${checksPart(detail)}`;
  return renderPage({ title: 'Test sign-in', main, wide: true });
}

function whatFailed({ checks }: SignInDetail): HtmlValue {
  const failed = checks.find(({ state }) => state === 'failed');
  return failed && html`, at the check “${failed.title}”`;
}

function decisionPart({ decision, links, changes, userNameTaken, drift }: LoginPreview): Html {
  const rows = Object.entries(changes as Record<string, readonly [unknown, unknown]>).map(([what, [before, after]]) => [
    what,
    toText(before),
    toText(after),
  ]);
  return html`<h2>Decision</h2>
    <dl>
      <dt>Decision</dt>
      <dd>${DECISIONS[decision.kind]} (row ${decision.rule} of the table)</dd>
      <dt>Recognised by</dt>
      <dd>${decision.matchedBy ?? 'nothing: nobody here is this person'}</dd>
      <dt>Person</dt>
      <dd>${decision.userId === null ? 'none' : html`<code>${decision.userId}</code>`}</dd>
      ${
        decision.kind === 'reject'
          ? html`<dt>Because</dt>
              <dd>${decision.detail}</dd>`
          : null
      }
      ${
        links
          ? html`<dt>Link</dt>
              <dd>the NameID would be linked to them</dd>`
          : null
      }
      ${
        userNameTaken
          ? html`<dt>userName</dt>
              <dd>is somebody else’s, and would not be taken</dd>`
          : null
      }
      ${
        drift
          ? html`<dt>Disagrees</dt>
              <dd>${toText(drift)}</dd>`
          : null
      }
    </dl>
    ${rows.length === 0 ? null : table('What would change of the person', ['Attribute', 'Before', 'After'], rows)}`;
}

const DECISIONS: Readonly<Record<LoginPreview['decision']['kind'], string>> = {
  accept: 'let in, nothing of the person is changed',
  update: 'let in, and updated from the assertion',
  link: 'let in, and taken over from now on',
  create: 'created and let in',
  reject: 'refused',
};

function groupsPart({ kind, added, removed, kept, created, unknown }: LoginPreview['groups']): Html {
  const rows = (what: string, effects: readonly GroupEffect[]) =>
    effects.map(({ displayName, because, named }) => [
      what,
      displayName,
      named.length === 0 ? because : `${because}: ${named.map(({ value, by }) => `${value} (${by})`).join(', ')}`,
    ]);
  const all = [
    ...rows('would join', added),
    ...created.map((name) => ['would be made, and joined', name, 'unknown until now']),
    ...rows('would leave', removed),
    ...rows('stays', kept),
    ...unknown.map((value) => ['no such group', value, 'nothing happens']),
  ];
  return html`<h2>Groups</h2>
    <p>${GROUP_KINDS[kind]}</p>
    ${all.length === 0 ? null : table('Groups', ['What happens', 'Group', 'Because'], all)}`;
}

const GROUP_KINDS: Readonly<Record<LoginPreview['groups']['kind'], string>> = {
  reset: 'Memberships follow the assertion.',
  unmapped: 'Groups are not synchronised: the connection maps no groups attribute.',
  overage: 'The IdP had more groups than it sends: memberships stay as they are.',
  kept: 'The assertion has no groups attribute, and the connection keeps memberships then.',
  untouched: 'Sign-ins do not change the groups of this person.',
};

function mappingPart({ mapping }: SignInDetail): HtmlValue {
  if (!mapping) return null;
  const rows = mapping.map(({ field, foundIn, values, lookedFor, mapped }) => [
    field,
    values.length === 0 ? '–' : values.join(', '),
    foundIn.length > 0 ? foundIn.join(', ') : `not found; looked for ${lookedFor.join(', ')}`,
    mapped ? 'mapped' : 'usual names',
  ]);
  return html`<h2>What the mapping reads</h2>
    ${table('What the mapping reads', ['Field', 'Value', 'From', 'By'], rows)}`;
}

function attributesPart({ subject, attributes }: SignInDetail): Html {
  if (!attributes) {
    return html`<h2>What was received</h2>
      <p>Nothing of the assertion was verified, and what is not is not shown.</p>`;
  }
  const rows = attributes.map(({ name, friendlyName, values, shortened }) => [
    name,
    friendlyName ?? '',
    values.join(', ') + (shortened ? ' (shortened)' : ''),
  ]);
  return html`<h2>What was received</h2>
    <dl>
      <dt>NameID</dt>
      <dd>${subject ? subject.value : 'none'}</dd>
      <dt>Format</dt>
      <dd>${subject?.format}</dd>
    </dl>
    ${
      rows.length === 0 ? html`<p>No attributes.</p>` : table('Attributes', ['Name', 'Friendly name', 'Values'], rows)
    }`;
}

function checksPart({ checks }: SignInDetail): Html {
  return html`<h2>Every check</h2>
    ${table(
      'Every check',
      ['', 'Check', 'Got', 'Wanted'],
      checks.map((check) => [
        STATES[check.state],
        check.title,
        toText(check.got),
        toText(check.wanted) || detailOf(check),
      ]),
    )}`;
}

const detailOf = ({ detail }: DetailCheck): string => detail ?? '';

const STATES: Readonly<Record<DetailCheck['state'], string>> = {
  passed: '✓ passed',
  failed: '✗ failed',
  'not-reached': '– not reached',
};

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head === '' ? 'State' : head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr class="${rowClass(cells[0])}">
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

const rowClass = (first: string | undefined): string => (first === STATES.failed ? 'failed' : '');
