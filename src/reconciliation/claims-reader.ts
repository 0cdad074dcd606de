import type { Connection } from '../organizations/connection.js';
import type { LoginClaims } from './changes.js';

/** Attributes of an assertion as somebody would write them down. */
export interface GivenAssertion {
  readonly nameId: string;
  readonly nameIdFormat?: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** `refused`: by the checks of the protocol, before anybody asks who it is. */
export type ReadClaims =
  | { readonly kind: 'claims'; readonly claims: LoginClaims }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: unknown };

/**
 * Reads what a sign-in would claim, through the attribute mapping of the connection. The door that speaks the protocol of the sign-in
 * provides it; the doors that ask know only this (rule R1).
 */
export abstract class ClaimsReader {
  abstract fromAttributes(connection: Connection, given: GivenAssertion): ReadClaims;

  /** A recorded answer of the IdP, verified as of `at`. Nothing is used up. */
  abstract fromAnswer(connection: Connection, answer: string, at: Date): Promise<ReadClaims>;
}
