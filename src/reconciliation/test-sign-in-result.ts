import type { SignInDetail } from '../sessions/sign-in-detail.js';
import type { LoginClaims } from './changes.js';
import type { LoginPreview } from './describe-login.js';

/** What a sign-in that changed nothing has shown. Typed here for the doors that make it and show it (rule R1). */
export interface TestSignInResult {
  readonly outcome: 'accepted' | 'rejected';
  /** Why it would be rejected. */
  readonly reason: string | null;
  readonly detail: SignInDetail;
  /** What the mapping read; null, with the preview: a check of the protocol stopped it before anybody asked who it is. */
  readonly claims: LoginClaims | null;
  readonly preview: LoginPreview | null;
}
