/** Oddities of the body of a POST or PUT: its `schemas`, and the names of its attributes. The names occur in PATCH values as well. */
import type { JsonObject, ResourceType } from '../schema/attribute.js';
import type { ResolvedAttribute } from '../schema/lookup.js';
import { sameUrn } from '../urns.js';
import { syntax, type Quirk } from './quirk.js';

export interface ResourceSite {
  readonly resourceType: ResourceType;
  readonly body: JsonObject;
  /** The texts in `schemas`; empty when there is no list. */
  readonly schemas: readonly string[];
  /** The URNs of extensions that the body has attributes of. */
  readonly extensions: readonly string[];
}

const MICROSOFT = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/';
const SCIM_1 = 'urn:scim:schemas:';

export const RESOURCE_QUIRKS = [
  {
    // {"userName":"x"}
    name: 'schemas-missing',
    sentence: 'Sends people or groups without "schemas".',
    refusal: syntax('"schemas" lists the schemas of the resource (RFC 7643 section 3)'),
    seenIn: ({ schemas }) => schemas.length === 0,
  },
  {
    // {"schemas":["urn:...:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]}: Entra
    name: 'microsoft-schema',
    sentence: "Names a schema of Microsoft's own directory, which means nothing here.",
    refusal: syntax('a schema that is not published at /Schemas is unknown (interoperability profile section 5.3)'),
    seenIn: ({ schemas }) => schemas.some((urn) => startsWith(urn, MICROSOFT)),
  },
  {
    // {"schemas":["urn:scim:schemas:core:2.0"]}: OneLogin
    name: 'scim-1-schema',
    sentence: 'Names schemas in the style of SCIM 1.',
    refusal: syntax('schemas are named as /Schemas has them (RFC 7643 section 10)'),
    seenIn: ({ schemas }) => schemas.some((urn) => startsWith(urn, SCIM_1)),
  },
  {
    // {"schemas":["urn:...:User","urn:example:custom:2.0:User"]}
    name: 'unknown-schema',
    sentence: 'Names a schema that does not exist here; what it describes is ignored.',
    refusal: syntax('a schema that is not published at /Schemas is unknown (interoperability profile section 5.3)'),
    seenIn: ({ schemas, resourceType }) =>
      schemas.some(
        (urn) =>
          !startsWith(urn, MICROSOFT) &&
          !startsWith(urn, SCIM_1) &&
          ![resourceType.schema, ...resourceType.extensions].some(({ id }) => sameUrn(id, urn)),
      ),
  },
  {
    // POST /Users {"schemas":["urn:...:enterprise:2.0:User"]}
    name: 'core-schema-missing',
    sentence: 'Lists "schemas" without the schema of the resource itself.',
    refusal: syntax('"schemas" includes the schema of the resource (RFC 7643 section 3)'),
    seenIn: ({ schemas, resourceType }) =>
      schemas.length > 0 && !schemas.some((urn) => sameUrn(urn, resourceType.schema.id)),
  },
  {
    // {"schemas":["urn:...:core:2.0:User"],"urn:...:enterprise:2.0:User":{"department":"D"}}: Okta, Rippling
    name: 'extension-not-announced',
    sentence: 'Sends attributes of an extension without naming it in "schemas".',
    refusal: syntax('"schemas" names every extension that the body has attributes of (RFC 7643 section 3.3)'),
    seenIn: ({ schemas, extensions }) =>
      schemas.length > 0 && extensions.some((urn) => !schemas.some((named) => sameUrn(named, urn))),
  },
] as const satisfies readonly Quirk<ResourceSite>[];

const startsWith = (urn: string, prefix: string): boolean => urn.toLowerCase().startsWith(prefix.toLowerCase());

/** One key of a body, of a complex value, or of a value without path; or a PATCH path without its filter. */
export interface NameSite {
  readonly name: string;
  /** As a path of a PATCH operation, where dots and URNs belong. */
  readonly isPath: boolean;
  /** undefined: no schema has it. */
  readonly resolved: ResolvedAttribute | undefined;
}

export const NAME_QUIRKS = [
  {
    // {"shoeSize":42}; {"op":"replace","path":"shoeSize"} is refused in both dialects, each with its own scimType
    name: 'unknown-attribute',
    sentence: 'Sends attributes that no schema here has; they are ignored.',
    refusal: syntax('no schema has this attribute (interoperability profile section 5.3)'),
    seenIn: ({ resolved }) => resolved === undefined,
  },
  {
    // {"name.givenName":"x"}: Entra with the compliance flag
    name: 'dotted-key',
    sentence: 'Writes a sub-attribute as a key with a dot.',
    refusal: syntax('sub-attributes stand in an object (RFC 7643 section 2.3.8)'),
    // No regular expressions here: a key may be as long as the body, and nobody has looked at it yet.
    seenIn: ({ name, isPath }) => !isPath && !name.includes(':') && !name.includes('[') && name.includes('.'),
  },
  {
    // {"op":"replace","value":{"emails[type eq \"work\"].value":"a@b"}}
    name: 'filter-in-key',
    sentence: 'Writes a path with a filter as the key of a value.',
    refusal: syntax('a path with a filter is the "path" of an operation (RFC 7644 section 3.5.2)'),
    seenIn: ({ name, isPath, resolved }) => !isPath && resolved !== undefined && name.includes('['),
  },
  {
    // {"urn:...:enterprise:2.0:User:department":"x"}: Entra with the compliance flag
    name: 'urn-key',
    sentence: 'Writes the URN of the schema into the key of an attribute.',
    refusal: syntax('attributes of an extension stand in the object of its URN (RFC 7643 section 3.3)'),
    seenIn: ({ name, isPath, resolved }) =>
      !isPath && resolved?.isExtension === false && name.slice(0, 4).toLowerCase() === 'urn:',
  },
  {
    // {"op":"Add","path":"manager",...}: Entra of old
    name: 'bare-extension-attribute',
    sentence: 'Names an attribute of an extension as if it were one of the resource itself.',
    refusal: syntax('attributes of an extension are named with its URN (RFC 7644 section 3.10)'),
    seenIn: ({ name, resolved }) => resolved?.path.schema !== undefined && !name.includes(':'),
  },
  {
    // {"password":"1mz050nq"}: Okta, also with password sync off
    name: 'password-sent',
    sentence: 'Sends passwords, which are not kept.',
    refusal: syntax('there are no passwords here (IPSIE AL SCIM profile section 6.1)'),
    seenIn: ({ resolved }) => resolved?.attribute.returned === 'never',
  },
  {
    // {"NickName":"x"}, path NAME.FamilyName: Zitadel
    name: 'attribute-in-other-case',
    sentence: 'Spells attributes in another case than their schema.',
    seenIn: ({ name, resolved }) =>
      resolved !== undefined && !resolved.isExtension && !name.includes('[') && !isSpelled(name, resolved),
  },
] as const satisfies readonly Quirk<NameSite>[];

function isSpelled(name: string, { path: { attribute, subAttribute } }: ResolvedAttribute): boolean {
  return name.endsWith(subAttribute === undefined ? attribute : `${attribute}.${subAttribute}`);
}
