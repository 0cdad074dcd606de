/** The name of a subject exactly as an IdP sent it; what it left out is left out. */
export interface SentName {
  readonly value: string;
  readonly format?: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
}
