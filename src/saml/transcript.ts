import { Checks } from './protocol/checks.js';
import type { SignedClaims } from './protocol/read-subject.js';

/** What becomes known of an answer while it is checked; what is there when a check stops it is what its record can say. */
export interface Transcript {
  readonly checks: Checks;
  relayState?: string;
  /** What the browser sent; nothing of it is to be believed. */
  document?: string;
  inResponseTo?: string | undefined;
  /** What a certificate of the connection signed. */
  assertionXml?: string;
  /** What was read of it, once it was good. */
  read?: SignedClaims;
}

export const newTranscript = (): Transcript => ({ checks: new Checks() });
