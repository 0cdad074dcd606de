import type { Condition } from '../directory/condition.js';
import type { Attributes, Group, Subject } from '../directory/directory-types.js';
import type { SentName } from '../sessions/sent-name.js';

/** What the doors hand down to the engine, and what it hands back. Typed here, on the lower side (rule R1). */

/** The groups an assertion speaks of. "Absent" is not "none": see plan-memberships. */
export type AssertedGroups =
  /** The connection maps no groups attribute. */
  | { readonly kind: 'unmapped' }
  /** The mapped attribute is not in the assertion. */
  | { readonly kind: 'absent' }
  /** The IdP had more groups than it sends and left them out. */
  | { readonly kind: 'overage' }
  | { readonly kind: 'listed'; readonly values: readonly string[] };

/** A verified assertion, read through the connection's attribute mapping. */
export interface LoginClaims {
  readonly subject: Subject;
  /** The IdP calls the person otherwise at every sign-in: the subject is good for this session, and no link is made of it. */
  readonly passingSubject?: true;
  readonly userName?: string;
  readonly email?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  /** Values of the mapped role attribute, unmapped. */
  readonly roles: readonly string[];
  readonly groups: AssertedGroups;
  /** Mandatory values that are missing, each with the attribute names that were looked for. */
  readonly missing: readonly { readonly field: 'userName'; readonly lookedFor: readonly string[] }[];
}

export type LoginRejectionReason =
  | 'connection-disabled'
  | 'attribute-missing'
  | 'identity-conflict'
  | 'ambiguous'
  | 'deprovisioned'
  | 'deactivated'
  | 'account-not-linked'
  | 'domain-not-allowed'
  | 'not-provisioned';

export type MatchedBy = 'identity' | 'externalId' | 'userName' | 'email';

/** A SCIM create or replace of a user, read by the schema. */
export interface UserDocument {
  readonly userName: string;
  readonly externalId: string | null;
  /** undefined: the client did not say. */
  readonly active: boolean | undefined;
  readonly attributes: Attributes;
}

/** Computes the new document from the locked current one; runs inside the transaction and must be pure. */
export type UserEdit = (current: UserDocument & { readonly active: boolean }) => UserDocument;

export interface MemberChange {
  /** Set exactly these; applied before add and remove. */
  readonly replace?: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export interface GroupDocument {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly attributes: Attributes;
}

/** Attributes that change (absent: stay) and members that come and go; members are never loaded for it. */
export interface GroupChange {
  readonly displayName?: string;
  /** null clears it. */
  readonly externalId?: string | null;
  readonly attributes?: Attributes;
  readonly members: MemberChange;
}

/** Who fulfils each of the conditions, of the members of the group at hand and of these users besides. */
export type ChooseMembers = (
  conditions: readonly Condition[],
  besides: readonly string[],
) => Promise<readonly (readonly string[])[]>;

/** Computes the change from the locked group; runs inside the transaction and must be pure, but for what it asks of its members. */
export type GroupEdit = (current: Group, choose: ChooseMembers) => GroupChange | Promise<GroupChange>;

/** A condition on the stored version from If-Match; absent: unconditional. Throws nothing, only judges. */
export type VersionCondition = (version: number) => boolean;

/** What the sign-in door knows besides the claims; all of it verified. */
export interface LoginEvidence {
  readonly assertionId: string;
  /** Until when a second use of the assertion must be recognised. */
  readonly replayUntil: Date;
  /** The login request this answers; undefined for an allowed IdP-initiated sign-in. */
  readonly loginRequestId: string | undefined;
  readonly sessionIndex: string | undefined;
  /** How the IdP wrote the subject. */
  readonly sentName?: SentName;
  readonly authenticatedAt: Date;
  readonly sessionNotOnOrAfter: Date | undefined;
  readonly correlationId: string;
}

/** The answer to a sign-in. Both kinds are committed with their sign-in record. */
export type LoginOutcome =
  | {
      readonly kind: 'accepted';
      /** Of the sign-in record. */
      readonly signInId: string;
      readonly userId: string;
      readonly sessionId: string;
      /** For the cookie; shown once. */
      readonly sessionToken: string;
      readonly expiresAt: Date;
    }
  | {
      readonly kind: 'rejected';
      readonly signInId: string;
      readonly reason: LoginRejectionReason | 'replay' | 'login-request-used' | 'logged-out';
      readonly incidentCode: string;
    };
