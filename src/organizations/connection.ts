/** A connection: one IdP of one organization, with its SAML settings and its provisioning switches. Pure data and its defaults. */
import type { Dialect } from '../scim/protocol/dialect.js';
import type { Extension } from '../scim/protocol/schema/extension.js';

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** Ordered, the most powerful first. */
  readonly roles: readonly string[];
  readonly sessionLifetimeSeconds: number;
  /** A session that rests so long ends; null: it may rest to its end. */
  readonly sessionIdleSeconds: number | null;
}

/** What a sign-in and a SCIM client of this connection may do (design: reconciliation rules 1-4 and 6). */
export interface ProvisioningSettings {
  /** Sign-ins of unknown people are refused while SCIM is on. null: the same as `scim`. */
  readonly requireScim: boolean | null;
  /** May a sign-in turn a manual user of a verified domain into a JIT user? */
  readonly linkManualUsers: boolean;
  /** E-mail domains whose people may be created at sign-in; null: any that no other organization has verified. */
  readonly allowedDomains: readonly string[] | null;
  /** What a SCIM create does with a JIT user of the same userName or subject. */
  readonly takeover: 'adopt' | 'conflict';
  readonly defaultRole: string;
  /** Value of the role attribute or of SCIM `roles` -> role of the organization. A value that is a role's name needs no entry. */
  readonly roleMapping: readonly { readonly value: string; readonly role: string }[];
  /** Value of the groups attribute -> group id; the only way to put people into a protected group. */
  readonly groupMapping: readonly { readonly value: string; readonly groupId: string }[];
  readonly whenGroupsAbsent: 'remove' | 'keep';
  readonly unknownGroups: 'ignore' | 'create';
  /** May SCIM create a second group of one displayName? */
  readonly duplicateGroupNames: boolean;
  /** Members a SCIM client names that are nobody here: let them wait for their user, leave them out, or refuse the request. */
  readonly unknownMembers: 'wait' | 'drop' | 'reject';
  /** Answer 409 when SCIM would remove, demote or deactivate the last active admin. */
  readonly protectLastAdmin: boolean;
  /** SCIM requests a second over all nodes; null: as the server's settings say. Never below what IdPs count on. */
  readonly requestsPerSecond: number | null;
  /** How the SCIM client must write its requests. */
  readonly dialect: Dialect;
  /** Of the people who sign in within an hour, so many may lose every group by it; what is beyond is held. null: any number. */
  readonly removalGuard: GuardThreshold | null;
  /** So many active people may a SCIM client deactivate or delete within an hour; what is beyond is refused. null: any number. */
  readonly deprovisioningGuard: GuardThreshold | null;
}

/** The larger of the two is what is allowed. */
export interface GuardThreshold {
  readonly atLeast: number;
  readonly percent: number;
}

/** What IdPs count on: Entra ID and the interoperability profiles name 25 requests a second. */
export const LEAST_REQUESTS_PER_SECOND = 25;

export const DEFAULT_PROVISIONING: ProvisioningSettings = {
  requireScim: null,
  linkManualUsers: false,
  allowedDomains: null,
  takeover: 'adopt',
  defaultRole: 'member',
  roleMapping: [],
  groupMapping: [],
  whenGroupsAbsent: 'remove',
  unknownGroups: 'ignore',
  duplicateGroupNames: false,
  unknownMembers: 'wait',
  protectLastAdmin: true,
  requestsPerSecond: null,
  dialect: 'tolerant',
  removalGuard: { atLeast: 5, percent: 20 },
  deprovisioningGuard: { atLeast: 20, percent: 10 },
};

/** Where the IdP ends sessions of its own (SAML 2.0 metadata, section 2.4.3). */
export interface SingleLogoutSettings {
  readonly url: string;
  /** Where answers to the requests of the IdP go; null: to `url` as well. */
  readonly responseUrl: string | null;
  readonly binding: 'redirect' | 'post';
}

/** What is known of the IdP, from its metadata or by hand. */
export interface SamlSettings {
  readonly idpEntityId: string;
  readonly ssoUrl: string;
  /** PEM certificates the IdP signs with; at least one. */
  readonly certificates: readonly string[];
  /** null: the IdP offers none. */
  readonly singleLogout: SingleLogoutSettings | null;
  /** Which signatures are demanded and verified; `either`: that of the response where there is one, otherwise that of the assertion. */
  readonly wantSigned: 'assertion' | 'response' | 'both' | 'either';
  readonly allowIdpInitiated: boolean;
  /** How old the answer of a sign-in may be that the IdP began. */
  readonly idpInitiatedMaxAgeSeconds: number;
  readonly forceAuthn: boolean;
  readonly clockSkewSeconds: number;
  readonly maxElements: number;
  /** How the question reaches the IdP; `ssoUrl` is the address of this binding. */
  readonly requestBinding: 'redirect' | 'post';
  readonly signRequests: boolean;
  /** The NameID that is asked for; null: whatever the IdP is set to. */
  readonly nameIdFormat: string | null;
  /** How people must have authenticated, any of these classes; empty: the IdP decides. */
  readonly requestedAuthnContext: readonly string[];
  /** The query parameter in which the IdP takes the name of who wants to sign in; null: it takes none. */
  readonly loginHint: string | null;
  readonly signMetadata: boolean;
}

/** Clocks that differ by more are to be set right: whoever finds an assertion may use it for so much longer. */
export const MAX_CLOCK_SKEW_SECONDS = 300;
/** What an answer of somebody in two thousand groups has; what verifying one may cost grows faster. */
export const MAX_ELEMENTS = 5000;

export const DEFAULT_SAML = {
  singleLogout: null,
  wantSigned: 'either',
  allowIdpInitiated: false,
  idpInitiatedMaxAgeSeconds: 300,
  forceAuthn: false,
  clockSkewSeconds: 120,
  maxElements: 2000,
  requestBinding: 'redirect',
  signRequests: false,
  nameIdFormat: null,
  requestedAuthnContext: [],
  loginHint: null,
  signMetadata: false,
} as const satisfies Partial<SamlSettings>;

/** What an operator chooses; where people log out is the IdP's. */
export type SamlOptions = Pick<SamlSettings, Exclude<keyof typeof DEFAULT_SAML, 'singleLogout'>>;

/** Of settings, or of what asks for some: those that have a default, where they are given. */
export const samlOptionsOf = (settings: Partial<SamlOptions>): Partial<SamlOptions> =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => name in DEFAULT_SAML && name !== 'singleLogout' && value !== undefined,
    ),
  );

/**
 * Attribute names to look for, first hit wins; empty or absent: the usual names of the known IdPs. `NameID` is the subject, `Usual` the
 * usual names.
 */
export interface AttributeMapping {
  readonly userName?: readonly string[];
  readonly email?: readonly string[];
  readonly givenName?: readonly string[];
  readonly familyName?: readonly string[];
  readonly displayName?: readonly string[];
  readonly externalId?: readonly string[];
  readonly role?: readonly string[];
  /** Absent or empty: groups are not synchronised. */
  readonly groups?: readonly string[];
}

/** The extension schemas of its SCIM client. */
export interface DeclaredSchemas {
  /** Names this state of them: whoever has built something of them may keep it as long as the name is the same. */
  readonly revision: string;
  readonly extensions: readonly Extension[];
}

export const NO_SCHEMAS: DeclaredSchemas = { revision: '', extensions: [] };

export interface Connection {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Why it is not enabled: an operator's word, or the fault that made it disable itself. */
  readonly disabledReason: string | null;
  readonly jit: boolean;
  readonly scim: boolean;
  readonly provisioning: ProvisioningSettings;
  /** Which product the IdP is (idp-presets); null: nobody said. */
  readonly preset: string | null;
  /** null: no IdP configured yet. */
  readonly saml: SamlSettings | null;
  /** From then on the metadata of the IdP does not let itself be believed; null: it says nothing of it. */
  readonly metadataValidUntil: Date | null;
  readonly attributeMapping: AttributeMapping;
  readonly schemas: DeclaredSchemas;
  /** The roles of its organization, the most powerful first; loaded with the connection. */
  readonly organizationRoles: readonly string[];
}

export const requiresScim = (connection: Connection): boolean => connection.provisioning.requireScim ?? connection.scim;
