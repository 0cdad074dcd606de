import { parseRequirements } from './requirements.js';

/**
 * What the OpenID IPSIE AL SCIM 2.0 Profile (draft 00) and the SCIM interoperability profile under it (draft-zollner-scim-interop-
 * profile-01) ask of a service provider, in our words: id, level, section, sentence. IPSIE-1xx are of level AL1, IPSIE-2xx of AL2.
 */
export const IPSIE_REQUIREMENTS = parseRequirements(`
IPSIE-101 | AL1 MUST   | IPSIE 4.1   | Clients authenticate with OAuth 2.0 client credentials and a signed JWT (RFC 7523); the token has the scope scim.
IPSIE-102 | AL1 MUST   | IPSIE 4.2   | The interoperability profile is kept, and said so: the rows INTEROP.
IPSIE-103 | AL2 MUST   | IPSIE 4.2   | People and groups that SCIM manages cannot be created, changed or deleted by hand.
IPSIE-104 | AL1 MUST   | IPSIE 4.3   | Who asks too often gets 429 with Retry-After, at every endpoint.
IPSIE-105 | AL1 MUST   | IPSIE 4.3   | At least 25 requests a second for each organization are served.
IPSIE-106 | AL1 MUST   | IPSIE 4.3   | There is /Bulk.
IPSIE-107 | AL1 MUST   | IPSIE 4.3   | One PATCH changes several attributes, all or none.
IPSIE-108 | AL1 MUST   | IPSIE 5.1   | PATCH of active deactivates and reactivates a person, who stays readable.
IPSIE-109 | AL1 MUST   | IPSIE 5.1   | Deactivation ends the sessions of the person, within five minutes at most, and refuses new ones.
IPSIE-110 | AL1 MUST   | IPSIE 5.2   | DELETE removes a person; the userName is free at once.
IPSIE-111 | AL1 MUST   | IPSIE 5.3   | A person can be read by id.
IPSIE-112 | AL1 MUST   | IPSIE 5.4   | People are found by userName, externalId, emails[value eq] and emails[type eq and value eq].
IPSIE-201 | AL2 MUST   | IPSIE 6.1   | People are created and changed before they sign in, with userName, displayName, active and externalId.
IPSIE-202 | AL2 MUST   | IPSIE 6.1   | password is not supported, and no schema has an attribute for credentials.
IPSIE-203 | AL2 MUST   | IPSIE 6.1   | A page holds at most 1000.
IPSIE-204 | AL2 SHOULD | IPSIE 6.1   | Lists can be read by cursor.
IPSIE-205 | AL2 MUST   | IPSIE 6.2   | Groups have displayName, members and externalId, and may begin without members.
IPSIE-206 | AL2 MUST   | IPSIE 6.2   | Groups are found by displayName, externalId and members[value eq], also without their members.
IPSIE-207 | AL2 MUST   | IPSIE 6.2   | One PATCH takes at least 50 operations that add and remove members.
IPSIE-208 | AL2 MUST   | IPSIE 6.2   | Groups give roles.
IPSIE-209 | AL1 MUST   | IPSIE 8     | Errors are SCIM errors and tell nothing of the inside.
IPSIE-210 | AL1 MUST   | IPSIE 8     | Every change is in the audit log, with who made it.
INTEROP-01 | MUST      | interop 4     | ServiceProviderConfig says interopProfileConformant to those whom it is true for.
INTEROP-02 | MUST      | interop 5.1   | ServiceProviderConfig, ResourceTypes and Schemas are there; the id of a resource type is its name.
INTEROP-03 | MUST      | interop 5.2   | Filters and uniqueness have one rule of case: id and externalId with it, userName without.
INTEROP-04 | MUST      | interop 5.3   | An unknown attribute or schema is 400 invalidSyntax.
INTEROP-05 | MUST      | interop 5.4   | canonicalValues are published for every type.
INTEROP-06 | MUST      | interop 6.1   | Each type has one endpoint, and resources are addressed by id only.
INTEROP-07 | MUST      | interop 6.3   | eq and "and" work; an undefined attribute is 400 invalidFilter.
INTEROP-08 | MUST      | interop 6.3   | What changes something takes no filter.
INTEROP-09 | MUST      | interop 6.4   | A page holds 100 without being asked, takes a count of 100 and more, and has a limit.
INTEROP-10 | MUST      | interop 6.5   | An operation without path is 400 invalidSyntax.
INTEROP-11 | MUST      | interop 6.5   | For one simple value, add and replace are the same.
INTEROP-12 | MUST      | interop 6.5   | add merges a complex value, replace replaces it.
INTEROP-13 | MUST      | interop 6.5   | replace of a list replaces the whole list.
INTEROP-14 | MUST      | interop 6.5   | A path with a filter ends in a sub-attribute.
INTEROP-15 | MUST      | interop 6.6   | PATCH never deletes; DELETE does, 404 follows, and the userName is free: it does not only set active to false.
INTEROP-16 | MUST      | interop 6.7   | No request needs an ETag.
INTEROP-17 | MUST      | interop 6.9.1 | A conflict is 409 uniqueness.
INTEROP-18 | MUST      | interop 7     | Only bearer tokens are taken, HTTP Basic is not; TLS is the proxy's in front.
`);
