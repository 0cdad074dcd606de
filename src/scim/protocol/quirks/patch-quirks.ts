/** Oddities of PATCH messages and their operations (RFC 7644 section 3.5.2). */
import { isObject } from '../read-value.js';
import type { Json, JsonObject } from '../schema/attribute.js';
import type { ResolvedAttribute } from '../schema/lookup.js';
import { PATCH_OP_SCHEMA, sameUrn } from '../urns.js';
import { path as invalidPath, syntax, value as invalidValue, type Quirk } from './quirk.js';

export interface MessageSite {
  readonly body: JsonObject;
  readonly schemas: readonly string[];
  /** undefined: no list. */
  readonly operations: readonly Json[] | undefined;
}

export const MESSAGE_QUIRKS = [
  {
    // PATCH {"Operations":[...]}
    name: 'patch-schema-missing',
    sentence: 'Sends PATCH messages without their schema.',
    refusal: syntax(`"schemas" of a PATCH is ["${PATCH_OP_SCHEMA}"] (RFC 7644 section 3.5.2)`),
    seenIn: ({ schemas }) => !schemas.some((urn) => sameUrn(urn, PATCH_OP_SCHEMA)),
  },
  {
    // PATCH {"Operations":[]}: Microsoft's SCIM validator
    name: 'no-operations',
    sentence: 'Sends PATCH messages without operations and expects success.',
    refusal: syntax('"Operations" has one or more operations (RFC 7644 section 3.5.2)'),
    seenIn: ({ operations }) => operations?.length === 0,
  },
  {
    // PATCH {"id":"1","Operations":[{"name":"x","op":"add",...}]}: Microsoft's Postman collection
    name: 'foreign-key-in-message',
    sentence: 'Sends PATCH messages with further keys.',
    refusal: syntax('a PATCH has "schemas" and "Operations" of "op", "path" and "value" (RFC 7644 section 3.5.2)'),
    seenIn: ({ body, operations }) =>
      hasOtherKeys(body, ['schemas', 'operations']) ||
      (operations?.some((each) => isObject(each) && hasOtherKeys(each, ['op', 'path', 'value'])) ?? false),
  },
] as const satisfies readonly Quirk<MessageSite>[];

const hasOtherKeys = (object: JsonObject, known: readonly string[]): boolean =>
  Object.keys(object).some((key) => !known.includes(key.toLowerCase()));

export interface OperationSite {
  readonly op: Json | undefined;
  /** In lower case; empty when `op` is no text. */
  readonly verb: string;
  /** undefined when it is missing, null or blank. */
  readonly path: string | undefined;
  readonly value: Json | undefined;
  readonly target: ResolvedAttribute | undefined;
  readonly filter: 'none' | 'alone' | 'with-sub-attribute';
}

export const OPERATION_QUIRKS = [
  {
    // {"op":"Add"}, {"op":"Replace"}, {"op":"Remove"}: Entra
    name: 'capitalised-op',
    sentence: 'Writes the verbs of PATCH with a capital ("Replace").',
    refusal: syntax('"op" is add, remove or replace, in lower case (RFC 7644 section 3.5.2)'),
    seenIn: ({ op, verb }) => typeof op === 'string' && op !== verb && op !== verb.toUpperCase(),
  },
  {
    // {"op":"ADD"}: Zitadel
    name: 'op-in-capitals',
    sentence: 'Writes the verbs of PATCH in capitals ("ADD").',
    refusal: syntax('"op" is add, remove or replace, in lower case (RFC 7644 section 3.5.2)'),
    seenIn: ({ op, verb }) => op !== verb && op === verb.toUpperCase(),
  },
  {
    // {"op":"replace","value":{"active":false}}: Okta, SailPoint, Entra with the compliance flag
    name: 'value-without-path',
    sentence: 'Sends PATCH operations without a path.',
    refusal: syntax('every operation has a path (interoperability profile section 6.5)'),
    seenIn: ({ path }) => path === undefined,
  },
  {
    // {"op":"add","value":{"active":false}}: SailPoint
    name: 'added-without-path',
    sentence: 'Changes values with "add" and without a path.',
    seenIn: ({ path, verb }) => path === undefined && verb === 'add',
  },
  {
    // {"op":"replace","value":{"id":"1","displayName":"x"}}: Okta, catalogue apps
    name: 'id-in-value',
    sentence: 'Sends the id of a resource along with what it changes.',
    seenIn: ({ path, value }) => path === undefined && hasKey(value, 'id'),
  },
  {
    // {"op":"replace","value":{"schemas":[...],"displayName":"x"}}: authentik
    name: 'schemas-in-value',
    sentence: 'Sends the schemas of a resource along with what it changes.',
    seenIn: ({ path, value }) => path === undefined && hasKey(value, 'schemas'),
  },
  {
    // {"op":"replace","value":{"members":[...]}}: Keycloak plug-ins
    name: 'members-without-path',
    sentence: 'Changes members of groups without a path.',
    seenIn: ({ path, value }) => path === undefined && hasKey(value, 'members'),
  },
  {
    // {"op":"Remove","path":"members","value":[{"value":"id"}]}: Entra, JumpCloud, authentik
    name: 'members-removed-by-value',
    sentence: 'Removes members by listing them as a value; only the listed ones are removed.',
    // To the RFC the value means nothing and all members would go: refused, because nobody who lists members means that.
    refusal: invalidValue('remove has no value; choose with members[value eq "id"] (RFC 7644 section 3.5.2.2)'),
    seenIn: (site) => isRemovalByValue(site) && site.target?.attribute.name === 'members',
  },
  {
    // {"op":"remove","path":"emails","value":[{"value":"a@b"}]}
    name: 'removed-by-value',
    sentence: 'Removes elements of lists by listing them as a value; only the listed ones are removed.',
    refusal: invalidValue('remove has no value; choose with a filter in brackets (RFC 7644 section 3.5.2.2)'),
    seenIn: (site) => isRemovalByValue(site) && site.target?.attribute.name !== 'members',
  },
  {
    // {"op":"remove","path":"members","value":{"members":[{"value":"id"}]}}: Ping
    name: 'members-in-members',
    sentence: 'Wraps the list of members into an object with "members".',
    refusal: invalidValue('the value of "members" is a list (RFC 7643 section 4.2)'),
    seenIn: ({ path, value, target }) =>
      path !== undefined && target?.attribute.name === 'members' && hasKey(value, 'members'),
  },
  {
    // {"op":"replace","path":"addresses[type eq \"work\"]","value":{...}}; to remove an element there is no other way
    name: 'filter-without-sub-attribute',
    sentence: 'Adds or replaces whole elements that it chooses by a filter.',
    refusal: invalidPath('a path with a filter ends in a sub-attribute (interoperability profile section 6.5)'),
    seenIn: ({ verb, filter }) => filter === 'alone' && verb !== 'remove',
  },
] as const satisfies readonly Quirk<OperationSite>[];

const isRemovalByValue = ({ verb, path, value, filter, target }: OperationSite): boolean =>
  verb === 'remove' &&
  path !== undefined &&
  value !== undefined &&
  filter === 'none' &&
  (target?.target.multiValued ?? false);

const hasKey = (value: Json | undefined, name: string): boolean =>
  isObject(value) && Object.keys(value).some((key) => key.length === name.length && key.toLowerCase() === name);
