import { HttpException } from '@nestjs/common';
import type { ErrorReply } from './error-reply.js';
import { html } from './html.js';
import { renderPage, type Page } from './page.js';

const WORDS: Readonly<Record<number, readonly [title: string, text: string]>> = {
  400: ['Not understood', 'The request was not understood.'],
  401: ['Not signed in', 'You are not signed in, or your session has ended.'],
  403: ['Not allowed', 'This is not allowed.'],
  404: ['Nothing is here', 'There is no page at this address. Check the link, or ask the person who gave it to you.'],
  405: ['Nothing is here', 'This address is not meant to be opened this way.'],
  413: ['Too large', 'The request is larger than this server takes.'],
  429: ['Too many at once', 'Too much was tried from here. Wait a little, and then load this page again.'],
  503: ['Too many at once', 'There is more to do here than can be done. Wait a little, and then load this page again.'],
  415: ['Not understood', 'This server does not take that kind of content.'],
};
const OURS = [
  'Something went wrong',
  'The fault is on our side. If it stays, tell the people who run this server the code below.',
] as const;

/** Any error as a page for a person: what the HTTP layer refused by its status, everything else as our fault. */
export const toErrorPage = (error: unknown, correlationId: string): ErrorReply =>
  toStatusPage(statusOf(error), correlationId);

/** The page of a status. */
export function toStatusPage(status: number, correlationId: string): ErrorReply {
  const [title, text] = WORDS[status] ?? (status < 500 ? WORDS[400]! : OURS);
  const main = html`<h1>${title}</h1>
    <p>${text}</p>
    ${status < 500 ? null : html`<p>Code: <code>${correlationId}</code></p>`}`;
  return toPageReply(status, renderPage({ title, main }));
}

export function toPageReply(status: number, page: Page): ErrorReply {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: page.body,
    headers: page.headers,
    unexpected: status >= 500,
  };
}

/** Nest's exceptions, and Fastify's refusals before any handler (body too large, content type unknown). */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return 500;
  const { code, statusCode } = error;
  const refusedByFastify = typeof code === 'string' && code.startsWith('FST_ERR_') && typeof statusCode === 'number';
  return refusedByFastify && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}
