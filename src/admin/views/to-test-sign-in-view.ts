import type { TestSignInResult } from '../../reconciliation/test-sign-in-result.js';
import type { TestSignIn } from '../../sessions/test-sign-ins.service.js';
import type { TestSignInView } from './sign-in-detail.view.js';
import { toSignInPreviewView } from './to-preview-view.js';

/** `address`: only where it was just made; it is stored nowhere. */
export function toTestSignInView(
  test: TestSignIn,
  now: Date,
  { address, result }: { readonly address?: string; readonly result?: TestSignInResult | undefined },
): TestSignInView {
  return {
    id: test.id,
    address: address ?? null,
    expiresAt: test.expiresAt.toISOString(),
    state: stateOf(test, now),
    outcome: result?.outcome ?? null,
    reason: result?.reason ?? null,
    received: result?.detail ?? null,
    preview: result?.preview && result.claims ? toSignInPreviewView(result.claims, result.preview) : null,
  };
}

function stateOf({ startedAt, endedAt, expiresAt }: TestSignIn, now: Date): string {
  if (endedAt) return 'ended';
  if (startedAt) return 'under-way';
  return now < expiresAt ? 'ready' : 'expired';
}
