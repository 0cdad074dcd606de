import type { User } from '../directory/directory-types.js';
import type { LoginRejectionReason, MatchedBy } from './changes.js';

/**
 * decide-login: may this person come in, and what may the sign-in change? Rows are tried in this order, first hit wins.
 *
 * | # | connection | found | decision | profile | groups |
 * |---|---|---|---|---|---|
 * | 1  | disabled | any | reject connection-disabled | - | - |
 * | 2  | any | tombstone of this connection, no living user | reject deprovisioned | - | - |
 * | -  | any | several users by one key | reject ambiguous | - | - |
 * | -  | any | by userName or e-mail, but linked to another subject of this connection | reject identity-conflict | - | - |
 * | 3  | any | inactive | reject deactivated | - | - |
 * | 4  | any | scim, active | accept | untouched | untouched |
 * | 5  | jit on | jit of this connection, active | update | overwrite | reset |
 * | 5b | jit on | jit of another connection, active | accept | untouched | untouched |
 * | 6  | jit off | jit, active | accept | untouched | untouched |
 * | 7  | jit on | manual, active, e-mail domain verified, linking allowed | link: becomes jit | overwrite | reset |
 * | 8  | any | manual, otherwise | accept if linked already, else reject account-not-linked | untouched | untouched |
 * | 11 | jit off | none | reject not-provisioned | - | - |
 * | 12 | jit on | none; e-mail domain of another organization, or outside allowedDomains | reject domain-not-allowed | - | - |
 * | 13 | jit on | none; the e-mail is carried by a user the sign-in may not link | reject account-not-linked | - | - |
 * | 10 | jit on, scim on, requireScim | none | reject not-provisioned | - | - |
 * | 9  | jit on | none | create jit | from the assertion | reset |
 *
 * 5b keeps two connections of one organization from overwriting each other at every sign-in: authority is a connection's.
 */

export interface LoginFacts {
  readonly connection: {
    readonly id: string;
    readonly enabled: boolean;
    readonly jit: boolean;
    readonly requireScim: boolean;
    readonly linkManualUsers: boolean;
    readonly allowedDomains: readonly string[] | null;
  };
  /** Mandatory claims that the mapping did not find. */
  readonly missing: readonly { readonly field: string; readonly lookedFor: readonly string[] }[];
  readonly match:
    | { readonly kind: 'none' }
    | { readonly kind: 'tombstone'; readonly by: MatchedBy; readonly userId: string }
    | { readonly kind: 'ambiguous'; readonly by: MatchedBy; readonly userIds: readonly string[] }
    | {
        readonly kind: 'user';
        readonly by: MatchedBy;
        readonly user: Pick<User, 'id' | 'provenance' | 'active' | 'connectionId'>;
        /** Linked to another subject of this connection. */
        readonly linkedElsewhere: boolean;
      };
  /** Domain of the asserted e-mail, undefined without one. */
  readonly domain:
    { readonly name: string; readonly verifiedHere: boolean; readonly verifiedElsewhere: boolean } | undefined;
  /** Nobody matched, but the asserted e-mail is carried by a living user. */
  readonly emailTaken: boolean;
}

export type LoginDecision =
  | {
      readonly kind: 'reject';
      readonly rule: string;
      readonly reason: LoginRejectionReason;
      readonly matchedBy: MatchedBy | null;
      readonly userId: string | null;
      /** For the operator's record. */
      readonly detail: string;
    }
  | {
      readonly kind: 'accept' | 'update' | 'link';
      readonly rule: string;
      readonly matchedBy: MatchedBy;
      readonly userId: string;
      readonly profile: 'untouched' | 'overwrite';
      readonly groups: 'untouched' | 'reset';
    }
  | { readonly kind: 'create'; readonly rule: string; readonly matchedBy: null; readonly userId: null };

export function decideLogin(facts: LoginFacts): LoginDecision {
  const { connection, match } = facts;
  if (!connection.enabled) return reject('1', 'connection-disabled', null, null, 'The connection is disabled');
  if (match.kind === 'tombstone') {
    return reject('2', 'deprovisioned', match.by, match.userId, 'The user was deleted by the provisioning client');
  }
  if (match.kind === 'ambiguous') {
    return reject('ambiguous', 'ambiguous', match.by, null, `Several users match: ${match.userIds.join(', ')}`);
  }
  return match.kind === 'user' ? decideKnown(facts, match) : decideUnknown(facts);
}

type UserMatch = Extract<LoginFacts['match'], { kind: 'user' }>;

function decideKnown({ connection, domain }: LoginFacts, { by, user, linkedElsewhere }: UserMatch): LoginDecision {
  const linked = by === 'identity';
  if (linkedElsewhere && (by === 'userName' || by === 'email')) {
    const detail = `The user found by ${by} signs in with another NameID of this connection (recycled address?)`;
    return reject('identity-conflict', 'identity-conflict', by, user.id, detail);
  }
  if (!user.active) return reject('3', 'deactivated', by, user.id, 'The user is deactivated; signing in never revives');
  const untouched = { matchedBy: by, userId: user.id, profile: 'untouched', groups: 'untouched' } as const;
  const reset = { matchedBy: by, userId: user.id, profile: 'overwrite', groups: 'reset' } as const;
  switch (user.provenance) {
    case 'scim':
      return { kind: 'accept', rule: '4', ...untouched };
    case 'jit':
      if (!connection.jit) return { kind: 'accept', rule: '6', ...untouched };
      if (user.connectionId !== null && user.connectionId !== connection.id) {
        return { kind: 'accept', rule: '5b', ...untouched };
      }
      return { kind: 'update', rule: '5', ...reset };
    case 'manual':
      if (connection.jit && connection.linkManualUsers && domain?.verifiedHere) {
        return { kind: 'link', rule: '7', ...reset };
      }
      if (linked) return { kind: 'accept', rule: '8', ...untouched };
      return reject('8', 'account-not-linked', by, user.id, 'A user made by hand that this sign-in may not take over');
  }
}

function decideUnknown({ connection, domain, emailTaken, missing }: LoginFacts): LoginDecision {
  if (!connection.jit) {
    return reject('11', 'not-provisioned', null, null, 'Nobody matches and sign-ins may not create people (jit off)');
  }
  if (missing.length > 0) {
    const fields = missing.map(({ field, lookedFor }) => `${field} (looked for: ${lookedFor.join(', ')})`);
    return reject('attributes', 'attribute-missing', null, null, `The assertion lacks ${fields.join('; ')}`);
  }
  if (domain?.verifiedElsewhere) {
    return reject('12', 'domain-not-allowed', null, null, `${domain.name} belongs to another organization`);
  }
  if (connection.allowedDomains !== null && !(domain && connection.allowedDomains.includes(domain.name))) {
    const detail = `${domain?.name ?? 'No e-mail domain'} is not among the connection's allowedDomains`;
    return reject('12', 'domain-not-allowed', null, null, detail);
  }
  if (emailTaken) {
    const detail = 'The e-mail is carried by a user whom this sign-in may not link: its domain is not verified';
    return reject('13', 'account-not-linked', null, null, detail);
  }
  if (connection.requireScim) {
    return reject('10', 'not-provisioned', null, null, 'Nobody matches and people must be pushed by SCIM first');
  }
  return { kind: 'create', rule: '9', matchedBy: null, userId: null };
}

const reject = (
  rule: string,
  reason: LoginRejectionReason,
  matchedBy: MatchedBy | null,
  userId: string | null,
  detail: string,
): LoginDecision => ({ kind: 'reject', rule, reason, matchedBy, userId, detail });
