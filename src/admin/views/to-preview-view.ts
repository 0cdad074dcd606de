import type { ReadClaims } from '../../reconciliation/claims-reader.js';
import type { LoginPreview } from '../../reconciliation/describe-login.js';
import type { SignInPreviewView } from './preview.view.js';

/** Previews as operators see them. */

export const toSignInPreviewView = (claims: object, preview: LoginPreview): SignInPreviewView => {
  const { decision, ...effects } = preview;
  const refusal = decision.kind === 'reject' ? decision : { reason: null, detail: null };
  return {
    decision: decision.kind,
    rule: decision.rule,
    reason: refusal.reason,
    detail: refusal.detail,
    matchedBy: decision.matchedBy,
    userId: decision.userId,
    claims,
    ...effects,
  };
};

/** An answer that the checks of the protocol refuse: nobody asks who it is. */
export const toRefusedPreviewView = (refused: Extract<ReadClaims, { kind: 'refused' }>): SignInPreviewView => ({
  decision: 'reject',
  rule: 'assertion',
  reason: refused.reason,
  detail: refused.detail,
  matchedBy: null,
  userId: null,
  links: false,
  claims: null,
  changes: {},
  userNameTaken: false,
  groups: { kind: 'untouched', added: [], removed: [], kept: [], created: [], unknown: [] },
  drift: null,
});
