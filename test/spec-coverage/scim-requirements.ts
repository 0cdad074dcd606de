import { parseRequirements } from './requirements.js';

/**
 * What RFC 7643, 7644 and 9865 ask of a service provider, one line each: id, level, section, sentence. MUST and SHOULD are the RFC's
 * words; "offered" is optional, and holds once it is offered; "field" is no RFC but what clients rely on.
 */
export const SCIM_REQUIREMENTS = parseRequirements(`
R-001 | MUST    | 7644 3.1, 3.8     | Bodies are JSON in UTF-8, answered as application/scim+json; application/json is accepted, other types get 415.
R-002 | MUST    | 7644 3.12         | Every error has a SCIM Error body: schemas, status as a text, scimType where one is defined, a detail for people.
R-003 | SHOULD  | 7644 3.12         | Failures use the status codes of the table: 400, 401, 403, 404, 409, 412, 413, 500, 501.
R-004 | SHOULD  | 7644 3.4.2        | Query parameters nobody knows are ignored, on reads and on writes.
R-005 | MUST    | 7644 3.13         | A version in the address is the version that answers; a version that is not there is refused.
R-006 | MUST    | 7644 3.2, 3.5.1   | PUT never creates: an unknown id is 404.
R-007 | MUST    | 7644 2, 7.4       | Requests carry a bearer token; without a valid one they get 401 with a Bearer challenge.
R-008 | SHOULD  | 7644 3.12         | What the standard has and this server has not is 501; a wrong method on an address that exists is 405.
R-009 | MUST    | 7643 2.3.7        | Addresses in resources resolve, are absolute, and come from the public address, not from the Host header.
R-020 | MUST    | 7643 3            | Every resource has schemas that name its core schema and just the extensions in use, an id, and meta.
R-021 | MUST    | 7643 3.1          | The id is the server's, unique, stable, never given again, always returned; an id in a request is ignored.
R-022 | MUST    | 7643 3.1          | externalId is the client's own: never made up, compared with case, scoped to the connection's organization.
R-023 | MUST    | 7643 3.1          | meta is the server's; created is lastModified until the first change, location and version equal the headers.
R-024 | MUST    | 7643 2.1          | Names of attributes and schema URNs mean the same in any case.
R-025 | MUST    | 7643 2.3          | Values have the type their schema says: boolean, integer, dateTime, binary, reference, complex.
R-026 | MUST    | 7643 2.5          | null, an empty list and nothing at all are the same: unassigned.
R-027 | MUST    | 7643 2.4          | One value at most is primary; the same type and value are not returned twice.
R-028 | MUST    | 7643 4.1.1        | userName is required, not empty, and unique among users without regard to case.
R-029 | MUST    | 7643 4.1.1, 9.2   | A password is never returned, logged or searched.
R-030 | MUST    | 7643 4.1.2        | groups of a user is readOnly, lists value, $ref, display and type, and changes with the groups alone.
R-031 | MUST    | 7643 4.2          | A group needs a displayName; a member's value is the id of a user and $ref its address.
R-032 | MUST    | 7643 4.3          | The enterprise extension stands under its URN, with manager as a complex value.
R-033 | field   | 7643 4.1.2        | Values come back as they were sent: clients compare, so mail domains and phone numbers are not rewritten.
R-034 | field   | 7643 4.1.2        | A country that is no ISO code is the client's affair and never refused.
R-035 | MUST    | 7643 7, 7644 3.9  | What "returned" says of an attribute holds for answers of every method.
R-036 | MUST    | 7643 7            | What "mutability" says holds: readOnly is ignored in POST and PUT, and refused as the path of a PATCH.
R-037 | MUST    | 7644 3.3, 3.12    | A duplicate of what is unique is 409 uniqueness, on POST, PUT and PATCH.
R-038 | MUST    | 7643 7            | What caseExact says holds: values keep their case, filters compare as the schema says.
R-039 | MUST    | 7644 6            | Organizations share nothing: not names, not externalIds, not ids.
R-050 | MUST    | 7644 3.3          | POST answers 201 with Location and the whole resource.
R-051 | MUST    | 7644 3.3          | POST ignores readOnly attributes; null and an empty list stand against defaults.
R-052 | MUST    | 7644 3.3.1        | meta.resourceType follows from the address, whatever the body says.
R-053 | MUST    | 7644 3.4.1        | GET of an id answers 200 with the ETag, or 404.
R-054 | MUST    | 7644 3.5.1        | PUT replaces what can be written, ignores readOnly, refuses a missing required attribute, answers the whole resource.
R-055 | MUST    | 7644 3.6          | DELETE answers 204; afterwards the resource is nowhere, and its name is free.
R-056 | field   | 7644 3.6          | A deleted user leaves the groups, a deleted group its users, and the versions of both say so.
R-057 | MUST    | 7644 3.1          | Answers show what was stored, not what was sent.
R-070 | MUST    | 7644 3.4.2.2      | Operators and names in any case; grouping binds before not, not before and, and before or.
R-071 | MUST    | 7644 3.4.2.2      | A multi-valued attribute matches if any value does; a complex one is compared by its value.
R-072 | MUST    | 7644 3.4.2.2      | Conditions in brackets hold for one and the same value; without brackets they need not.
R-073 | MUST    | 7644 3.4.2.2      | Texts compare by their caseExact.
R-074 | MUST    | 7644 3.4.2.2      | gt, ge, lt, le order texts, numbers and moments; for booleans and binaries they are invalidFilter.
R-075 | MUST    | 7644 3.4.2.2      | Bad syntax, an unknown operator or attribute is invalidFilter; over several types an unknown attribute has no value.
R-076 | MUST    | 7644 3.4.2.2      | pr is true for what says something; eq null asks for absence; ne is also true of what is absent.
R-077 | MUST    | 7644 3.4.2.2      | schemas, meta, URNs of the core schema and of extensions, members and groups can be searched.
R-078 | MUST    | 7644 3.4.2.2      | Brackets take and, or, not and parentheses.
R-079 | field   | 7644 3.4.2.2      | Texts are JSON strings with all their escapes; "True" is a boolean where one is asked for.
R-080 | field   | 7644 7.5          | Filters are limited in length and depth, parametrised, and % and _ are no wildcards.
R-081 | MUST    | 7644 6            | No filter, whatever its or and not, reaches another organization.
R-082 | MUST    | 7644 3.4.2.1      | A result that is too large is paged, not refused.
R-083 | MUST    | 7644 3.4.2.2      | What the server fills in is compared as the client last saw it.
R-090 | offered | 7644 3.4.2.3      | sortBy takes any attribute path; of several values the primary counts, else the first.
R-091 | MUST    | 7644 3.4.2.3      | sortOrder is ascending unless it says descending; other words are invalidValue.
R-092 | MUST    | 7644 3.4.2.3      | Resources without the value come last ascending and first descending.
R-093 | MUST    | 7644 3.4.2.3      | Sorting obeys caseExact and type, is stable, and refuses what it does not know.
R-100 | MUST    | 7644 3.4.2.4      | startIndex below 1 is 1, count below 0 is 0, count 0 gives the total alone.
R-101 | MUST    | 7644 3.4.2.4      | A page never holds more than count or the server's maximum; itemsPerPage says how many it holds.
R-102 | MUST    | 7644 3.4.2.4      | totalResults counts all matches, whatever the page; none is 200 with 0.
R-103 | MUST    | 7644 3.4.2        | Resources is always a list, also beyond the end.
R-104 | field   | 7644 3.4.2.4      | A count that is no number is invalidValue; pages in a stable order hold everybody once.
R-110 | MUST    | 7644 3.9          | attributes and excludedAttributes work on GET, lists, POST, PUT, PATCH and .search.
R-111 | MUST    | 7644 3.10         | They take names, sub-attributes and URNs, separated by commas, in any case.
R-112 | MUST    | 7644 3.9          | id and schemas are always there; meta only by default or by name.
R-113 | MUST    | 7644 3.9          | excludedAttributes takes nothing that is always returned; both at once is invalidValue.
R-114 | MUST    | 7643 7            | What is never returned stays hidden when named; what is returned on request comes when named.
R-115 | field   | 7644 3.9          | Names nobody knows are ignored, and the core URN stays in schemas.
R-116 | MUST    | 7644 3.5.2        | A PATCH that asks for attributes is answered 200 with them.
R-120 | MUST    | 7644 3.4.3        | POST .search takes a SearchRequest, at the root and per type, and gives what GET gives.
R-121 | MUST    | 7644 3.4.2.1      | The root spans all types as one list with one total.
R-122 | offered | 7644 3.4.2.1      | What a search over all types cannot do is refused, and GET of the root is a SCIM 404.
R-130 | MUST    | 7644 3.5.2        | A PATCH has Operations, each add, remove or replace; an empty list changes nothing.
R-131 | MUST    | 7644 3.5.2        | Operations apply in their order, and all or none.
R-132 | MUST    | 7644 3.5.2, 3.12  | A malformed path or unknown attribute is invalidPath, a bad filter in it invalidFilter.
R-133 | MUST    | 7644 3.12         | Against mutability is mutability, against the type invalidValue, an unreadable body invalidSyntax, a duplicate uniqueness.
R-134 | MUST    | 7644 3.5.2.1      | add sets, merges or appends; what is there already changes nothing.
R-135 | MUST    | 7644 3.5.2.2      | remove takes values, matches or sub-attributes; without a path noTarget, of what is required mutability.
R-136 | MUST    | 7644 3.5.2.3      | replace replaces the attribute, the sub-attributes named or the matches; no match is noTarget unless it can be made.
R-137 | MUST    | 7644 3.5.2        | Setting one primary takes it from the others.
R-138 | MUST    | 7644 3.5.2        | A path into an extension adds its URN; the last value gone takes it away.
R-139 | MUST    | 7644 3.5.2        | What is immutable may be set once, and set to itself, but not changed.
R-140 | MUST    | 7644 3.5.2        | A PATCH answers 200 with the resource, or 204 with the ETag.
R-141 | MUST    | 7644 3.5.2, 4     | That PATCH is offered can be discovered, and is true.
R-142 | MUST    | 7644 3.5.2.1      | A PATCH that changes nothing keeps version and lastModified.
R-143 | field   | 7644 3.5.2        | A required attribute cannot be emptied.
R-150 | offered | 7644 3.7          | POST /Bulk takes a BulkRequest and answers a BulkResponse.
R-151 | MUST    | 7644 3.7.3        | Each operation is answered with method, bulkId, location, version, status as a text, and the error if it failed.
R-152 | MUST    | 7644 3.7.3        | A processed request is 200; failOnErrors ends it early, and what was not tried is not answered.
R-153 | MUST    | 7644 3.7.2        | bulkId references resolve in values and paths, forward and in circles where possible.
R-154 | MUST    | 7644 3.7.4        | More operations or bytes than announced are 413, which names the limit.
R-155 | MUST    | 7644 3.7          | Operations mean what they mean alone, with versions, organizations and refusals.
R-156 | MAY     | 7644 3.7          | A reordered request ends as the ordered one would.
R-157 | field   | 7644 3.7          | The data of a PATCH is a PatchOp.
R-160 | offered | 7644 3.14         | ETag and meta.version are the same weak tag, on GET, POST, PUT and PATCH.
R-161 | offered | 7644 3.14         | If-None-Match with the version is 304 without a body, compared weakly, * too.
R-162 | offered | 7644 3.14         | If-Match with another version is 412 on GET, PUT, PATCH and DELETE; * is any; without it there is no condition.
R-163 | MUST    | 7644 3.14         | The version moves with everything a reader sees, members and groups included, and not with the projection.
R-170 | MUST    | 7644 3.11         | /Me is 501, with every method: a provisioning token is nobody.
R-180 | MUST    | 7643 5            | ServiceProviderConfig says all that is required, readable by strangers.
R-181 | MUST    | 7644 4            | ResourceTypes and Schemas are lists, and each entry stands alone under its id; others are 404.
R-182 | MUST    | 7644 4            | Discovery ignores parameters and refuses a filter with 403.
R-183 | MUST    | 7643 3.1          | Message schemas are not among the schemas.
R-184 | MUST    | 7643 6            | A resource type names its endpoint, schema and extensions, none of which is required.
R-185 | MUST    | 7643 7            | Schemas say every characteristic of every attribute, and the server does what they say.
R-186 | MUST    | 7644 4            | Discovery is for GET; other methods are 405.
R-187 | MUST    | 7643 3.2          | A resource type has an endpoint in the plural and a schema of its own.
R-200 | MUST    | 7644 6            | Another organization's id is 404 for every method and address, and nobody there can be linked.
R-201 | field   | 7644 7.1          | Creating somebody with the names or id of another organization's person makes a new one, and takes nothing over.
R-202 | field   | 7644 7            | Too large, too deep, prototype keys and duplicate keys are refused or mean nothing.
R-203 | MUST    | 7644 7.5.2        | Tokens and passwords are in no log, error or audit entry.
R-204 | field   | 6585 4            | Too many requests are 429 with Retry-After in a SCIM Error.
R-205 | field   | 7644 7            | Deactivation ends sessions at once.
R-206 | field   | 7644 3.12         | Changes of people and groups that operators protect are refused with 409 and a reason.
C-01  | offered | 9865 2            | An empty cursor begins, nextCursor goes on, the rest of the query stays.
C-02  | MUST    | 9865 2            | Every page but the last has nextCursor, and the first no previousCursor.
C-03  | MUST    | 9865 2            | A cursor is made of unreserved characters, opaque and tamper-evident.
C-04  | MUST    | 9865 2.1          | count means what it means with startIndex.
C-05  | SHOULD  | 9865 2            | totalResults is true, or absent.
C-06  | MUST    | 9865 2.1          | Bad, expired and foreign cursors are 400 with their scimType.
C-07  | MUST    | 9865 2.2          | Pages by cursor are sorted if asked.
C-08  | SHOULD  | 9865 2.4          | Index paging stays the default; cursor and startIndex at once are refused.
C-09  | MUST    | 9865 3            | .search takes a cursor in the body.
C-10  | MUST    | 9865 4            | ServiceProviderConfig announces pagination.
C-11  | MUST    | 9865 5.2          | A cursor grants nothing: each page is authorised, and another organization's cursor is invalid.
C-12  | field   | 9865 5            | Walking while people come and go shows nobody twice.
`);

/** Requirements whose tests are yet to come; a test keeps this list exact. */
export const GAPS: Readonly<Record<string, string>> = {};
