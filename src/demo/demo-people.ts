/** What the demo consists of: invented people, at a domain that is reserved for examples (RFC 2606 section 3). */

export const DEMO_SLUG = 'demo';
export const DEMO_DOMAIN = 'example.com';

/** The name by which the demo's connection is recognised, also where it must not be: in production. */
export const DEMO_IDP_ENTITY_ID = 'urn:rollcall:demo-idp';

export interface DemoPerson {
  /** The NameID the demo IdP asserts. */
  readonly nameId: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { nameId: 'demo-0001', givenName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com' },
  { nameId: 'demo-0002', givenName: 'Grace', familyName: 'Hopper', email: 'grace@example.com' },
];

/** Groups that exist in the demo organization and can be ticked in the demo IdP. */
export const DEMO_GROUPS: readonly string[] = ['Engineering', 'Support', 'Finance'];

/** A group that the demo IdP can assert and Rollcall does not know: the sign-in leaves it out and records it. */
export const UNKNOWN_GROUP = 'Chess club';

/** The group that the SCIM example of the start banner adds somebody to. */
export const SCIM_GROUP = 'Release managers';

/** The names under which the demo IdP asserts what it knows. */
export const DEMO_ATTRIBUTES = {
  userName: ['email'],
  email: ['email'],
  givenName: ['firstName'],
  familyName: ['lastName'],
  displayName: ['displayName'],
  groups: ['groups'],
} as const;
