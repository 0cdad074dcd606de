import { displayNameOf, type Person } from '../directory/person.js';
import type { Json } from '../http/transport.js';

/**
 * A user as a list of leaves: a path and a value. Clients differ in how they wrap leaves (a document, an operation for each, dotted
 * keys); the comparison reads the same paths from what the server has.
 */
export const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export interface Leaf {
  readonly name: AttributeName;
  readonly path: string;
  /** Undefined: the person has none. */
  readonly value: string | boolean | undefined;
}

interface Source {
  readonly person: Person;
  /** The id the server gave the person's manager. */
  readonly managerId: string | undefined;
}

const ATTRIBUTES = {
  userName: { path: 'userName', of: ({ person }: Source) => person.userName },
  externalId: { path: 'externalId', of: ({ person }: Source) => person.externalId },
  active: { path: 'active', of: ({ person }: Source) => person.active },
  displayName: { path: 'displayName', of: ({ person }: Source) => displayNameOf(person) },
  formatted: { path: 'name.formatted', of: ({ person }: Source) => displayNameOf(person) },
  givenName: { path: 'name.givenName', of: ({ person }: Source) => person.givenName },
  familyName: { path: 'name.familyName', of: ({ person }: Source) => person.familyName },
  title: { path: 'title', of: ({ person }: Source) => person.title },
  locale: { path: 'locale', of: () => 'en-US' },
  email: { path: 'emails[type eq "work"].value', of: ({ person }: Source) => person.email },
  phone: { path: 'phoneNumbers[type eq "work"].value', of: ({ person }: Source) => person.phone },
  department: { path: `${ENTERPRISE}:department`, of: ({ person }: Source) => person.department },
  employeeNumber: { path: `${ENTERPRISE}:employeeNumber`, of: ({ person }: Source) => person.employeeNumber },
  manager: { path: `${ENTERPRISE}:manager`, of: ({ managerId }: Source) => managerId },
} as const;

export type AttributeName = keyof typeof ATTRIBUTES;

export const leavesOf = (names: readonly AttributeName[], source: Source): Leaf[] =>
  names.map((name) => ({ name, path: ATTRIBUTES[name].path, value: ATTRIBUTES[name].of(source) }));

/** Puts the leaves into a document, or takes them out where they have no value. */
export function writeLeaves(document: Json, leaves: readonly Leaf[]): Json {
  const written = structuredClone(document);
  for (const { name, path, value } of leaves) {
    const place = placeOf(path);
    const parent = place.parent.reduce<Json>((at, key) => (at[key] ??= {}) as Json, written);
    if (place.type === undefined) assign(parent, place.key, name === 'manager' && value ? { value } : value);
    else writeElement(parent, place, value, name === 'email');
  }
  return written;
}

export function readLeaf(document: Json, path: string): unknown {
  const place = placeOf(path);
  const parent = place.parent.reduce<Json | undefined>((at, key) => asObject(at?.[key]), document);
  if (place.type === undefined) {
    const value = parent?.[place.key];
    return place.key === 'manager' ? (asObject(value)?.['value'] ?? value) : value;
  }
  const elements = parent?.[place.key];
  if (!Array.isArray(elements)) return undefined;
  // Several of one type are one too many, and show as such.
  const values = (elements as Json[]).filter(({ type }) => sameText(type, place.type!)).map(({ value }) => value);
  return values.length > 1 ? values.join(' and ') : values[0];
}

interface Place {
  readonly parent: readonly string[];
  readonly key: string;
  /** The `type` of an element of a multi-valued attribute. */
  readonly type?: string;
}

function placeOf(path: string): Place {
  if (path.startsWith(`${ENTERPRISE}:`)) return { parent: [ENTERPRISE], key: path.slice(ENTERPRISE.length + 1) };
  const filtered = /^(\w+)\[type eq "(\w+)"\]\.value$/.exec(path);
  if (filtered) return { parent: [], key: filtered[1]!, type: filtered[2]! };
  const parts = path.split('.');
  return { parent: parts.slice(0, -1), key: parts.at(-1)! };
}

function writeElement(parent: Json, { key, type }: Place, value: Leaf['value'], primary: boolean): void {
  const existing = (parent[key] ?? []) as Json[];
  const found = existing.find((element) => sameText(element['type'], type!));
  if (value === undefined) parent[key] = existing.filter((element) => element !== found);
  else if (found) found['value'] = value;
  else parent[key] = [...existing, { ...(primary ? { primary } : {}), type, value }];
  if ((parent[key] as Json[]).length === 0) delete parent[key];
}

function assign(parent: Json, key: string, value: unknown): void {
  if (value === undefined) delete parent[key];
  else parent[key] = value;
}

const sameText = (a: unknown, b: string): boolean => typeof a === 'string' && a.toLowerCase() === b.toLowerCase();
const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
