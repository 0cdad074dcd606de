/** What was received and checked at one sign-in, for operators: plain data, already redacted. Typed here, below the doors (rule R1). */

export interface DetailCheck {
  readonly name: string;
  /** What is wanted, in words. */
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'not-reached';
  readonly wanted: unknown;
  readonly got: unknown;
  /** Of the failed one: the machine reason, and what exactly was looked at. */
  readonly reason: string | null;
  readonly detail: string | null;
}

export interface DetailAttribute {
  readonly name: string;
  readonly friendlyName: string | null;
  readonly values: readonly string[];
  /** Values were shortened or left out. */
  readonly shortened: boolean;
}

/** What the mapping read for one field. */
export interface DetailField {
  readonly field: string;
  /** By the connection; otherwise the usual names were looked for. */
  readonly mapped: boolean;
  readonly lookedFor: readonly string[];
  /** The attributes that gave the values; empty: nothing was found. */
  readonly foundIn: readonly string[];
  readonly values: readonly string[];
}

export interface SignInDetail {
  readonly checks: readonly DetailCheck[];
  /** null: nothing was verified, and what is not is not shown. */
  readonly subject: { readonly value: string; readonly format: string; readonly nameQualifier: string } | null;
  readonly attributes: readonly DetailAttribute[] | null;
  readonly mapping: readonly DetailField[] | null;
  /** What may be done about what was found. */
  readonly hints: readonly string[];
}
