import { html } from '../../src/platform/html.js';
import { renderPage } from '../../src/platform/page.js';
import { createHash } from 'node:crypto';

describe('html', () => {
  it('escapes every value, also in attributes and lists', () => {
    const evil = `<script>"x" & 'y'</script>`;
    const { text } = html`<a href="${evil}">${[evil, html`<b>${evil}</b>`]}</a>`;
    const escaped = '&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/script&gt;';
    expect(text).toBe(`<a href="${escaped}">${escaped}<b>${escaped}</b></a>`);
  });

  it('leaves nothing for what is not there', () => {
    expect(html`<p>${null}${undefined}${[]}${0}</p>`.text).toBe('<p>0</p>');
  });

  it('does not take a look-alike for HTML', () => {
    const lookalike = { text: '<b>' } as unknown as string;
    expect(() => html`${[lookalike]}`.text.includes('<b>')).toThrow();
  });
});

describe('a page', () => {
  const page = renderPage({ title: '<i>', main: html`<h1>Hello</h1>`, script: 'document.forms[0].submit()' });

  it('allows its style and the named script by their hashes and nothing else', () => {
    const hash = (element: string) => {
      const text = page.body.match(new RegExp(`<${element}>([^]*?)</${element}>`))?.[1] ?? '';
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    expect(page.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; ` +
        `form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
  });

  it('names the language, one heading and an escaped title', () => {
    expect(page.body).toContain('<html lang="en">');
    expect(page.body.match(/<h1>/g)).toHaveLength(1);
    expect(page.body).toContain('<title>&lt;i&gt; – Rollcall</title>');
  });

  it('names other origins that its forms may reach', () => {
    const { headers } = renderPage({ title: 'x', main: html``, formTargets: ['http://localhost:3000'] });
    expect(headers['content-security-policy']).toContain("form-action 'self' http://localhost:3000;");
    expect(headers['content-security-policy']).not.toContain('script-src');
  });
});
