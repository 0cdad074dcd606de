import type { Connection, SamlSettings } from '../organizations/connection.js';
import type { LoginClaims, LoginEvidence } from '../reconciliation/changes.js';
import type { Transcript } from './transcript.js';

/** A connection that people can sign in through. */
export type SamlConnection = Connection & { readonly saml: SamlSettings };

export const knowsIdp = (connection: Connection): connection is SamlConnection => connection.saml !== null;

export const canSignIn = (connection: Connection, now: Date): connection is SamlConnection =>
  connection.enabled && knowsIdp(connection) && !hasExpired(connection, now);

/** validUntil "indicates the expiration time of the metadata contained in the element" (SAML 2.0 metadata, section 2.3.2). */
export const hasExpired = ({ metadataValidUntil }: Connection, now: Date): boolean =>
  metadataValidUntil !== null && metadataValidUntil <= now;

/** What the browser sent. */
export interface ReceivedAnswer {
  readonly connection: SamlConnection;
  readonly body: string;
  readonly browserSecrets: readonly string[];
  readonly correlationId: string;
  /** Filled while the answer is verified. */
  readonly transcript: Transcript;
}

/** An answer whose every check of the protocol has passed; what it leads to is for reconciliation to decide. */
export interface VerifiedAnswer {
  readonly claims: LoginClaims;
  readonly evidence: LoginEvidence;
  /** The path that was asked for; undefined: nothing in particular. */
  readonly targetPath: string | undefined;
  /** It may come where somebody else is signed in, who is asked first. */
  readonly mayReplace: boolean;
  /** The test sign-in that it ends; nobody is signed in then. */
  readonly test: TestInHand | undefined;
}

/** A test sign-in whose answer arrived. */
export interface TestInHand {
  readonly requestId: string;
  readonly testSignInId: string;
}
