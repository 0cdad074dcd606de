import type { LoginClaims, MatchedBy } from './changes.js';

/** Is the subject linked to the person by this sign-in? What passes would only be in the way of what the IdP says the next time. */
export const makesLink = (
  { matchedBy }: { readonly matchedBy: MatchedBy | null },
  { passingSubject }: Pick<LoginClaims, 'passingSubject'>,
): boolean => matchedBy !== 'identity' && passingSubject !== true;
