import { toErrorPage, toStatusPage } from '../platform/error-page.js';
import type { ErrorReply } from '../platform/error-reply.js';
import { toRefusalPage } from '../platform/refusal-page.js';
import { ComeAgain } from './come-again.js';
import { LogoutRefused } from './logout-refused.js';
import { SignInRefused, type RefusalText } from './sign-in-refused.js';
import { TestConcluded } from './test-concluded.js';
import { toLogoutRefusedPage } from './to-logout-refused-page.js';

/** The answer address was asked in another way than by POST. */
export class PostOnly extends Error {}

/** Errors of /saml: refused sign-ins, and what the HTTP layer refuses. */
export function toSamlError(error: unknown, correlationId: string): ErrorReply {
  if (error instanceof SignInRefused) return toRefusalPage({ ...error, text: TEXTS[error.text] });
  if (error instanceof ComeAgain) return toComeAgainPage(error, correlationId);
  if (error instanceof LogoutRefused) return toLogoutRefusedPage(error);
  if (error instanceof TestConcluded) return toResult(error);
  if (!(error instanceof PostOnly)) return toErrorPage(error, correlationId);
  const reply = toStatusPage(405, correlationId);
  return { ...reply, headers: { ...reply.headers, allow: 'POST' } };
}

function toComeAgainPage({ status, retryAfterSeconds }: ComeAgain, correlationId: string): ErrorReply {
  const reply = toStatusPage(status, correlationId);
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterSeconds) }, unexpected: false };
}

/** The page of a test that failed is at an address of its own, so that it can be loaded again. */
const toResult = ({ location }: TestConcluded): ErrorReply => ({
  status: 303,
  contentType: 'text/plain; charset=utf-8',
  body: '',
  headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  unexpected: false,
});

const TEXTS: Readonly<Record<RefusalText, string>> = {
  'not-accepted':
    'The answer of your company’s sign-in service was not accepted. That happens when a sign-in takes too long, is begun in ' +
    'another window or browser, or when a page of it is loaded twice.',
  incomplete:
    'Your company’s sign-in service did not send everything that is needed to sign you in. Your administrator can change that.',
  'no-access': 'Your company’s administrator has not given you access here.',
};
