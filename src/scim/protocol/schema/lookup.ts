/**
 * Attribute paths resolved against a resource type. Everything that takes a name from a client (filter, PATCH path, `attributes`,
 * document key) comes through here, so a name that no schema declares, `__proto__` among them, never reaches an object.
 */
import type { Attribute, ResourceType, Schema } from './attribute.js';
import { COMMON_ATTRIBUTES } from './common-attributes.js';
import { attribute } from './define-attribute.js';
import type { AttributePath } from '../filter/filter.js';

/** Where a value lives in a normalised document: `document[schema]?.[attribute]?.[subAttribute]`, in canonical spelling. */
export interface CanonicalPath {
  /** URN of the extension that holds the attribute; absent for core and common attributes. */
  readonly schema?: string;
  /** For a bare extension URN: that URN, which is the document key of the extension's object. */
  readonly attribute: string;
  readonly subAttribute?: string;
}

export interface ResolvedAttribute {
  readonly path: CanonicalPath;
  /** The attribute that `path.attribute` names; for a bare extension URN a complex attribute holding the extension's attributes. */
  readonly attribute: Attribute;
  readonly subAttribute?: Attribute;
  /** What the path ends in: the sub-attribute when there is one, else the attribute. */
  readonly target: Attribute;
  /** True when the path is a bare extension URN. */
  readonly isExtension: boolean;
}

/** Lower-case `name` or `name.sub` -> attribute; one table per schema URN, and one for names without URN. */
type Table = Map<string, ResolvedAttribute>;
interface Lookup {
  readonly bySchema: ReadonlyMap<string, Table>;
  readonly bare: Table;
  readonly extensions: ReadonlyMap<string, ResolvedAttribute>;
}

const lookups = new WeakMap<ResourceType, Lookup>();

/**
 * The attribute a path names in a resource type; undefined when no schema declares it.
 * Names and URNs are case-insensitive (RFC 7643 section 2.1, RFC 7644 section 3.10). A core attribute may or may not carry its
 * schema's URN. A bare name that the core lacks means the one extension that has it; if several do, it means none.
 */
export function findAttribute(resourceType: ResourceType, path: AttributePath): ResolvedAttribute | undefined {
  const { bySchema, bare, extensions } = lookupOf(resourceType);
  const name = keyOf(path.name, path.subAttribute);
  if (path.schema === undefined) return bare.get(name) ?? extensions.get(name);
  const urn = path.schema.toLowerCase();
  if (path.name === '') return path.subAttribute === undefined ? extensions.get(urn) : undefined;
  const table = bySchema.get(urn);
  if (table) return table.get(name);
  // A parser that knows no URNs splits "urn:...:2.0:User" at its last colon.
  return extensions.get(`${urn}:${name}`);
}

const subAttributes = new WeakMap<Attribute, ReadonlyMap<string, Attribute>>();

/** The sub-attribute of that name, in whatever case; undefined when there is none. */
export function findSubAttribute(parent: Attribute, name: string): Attribute | undefined {
  let table = subAttributes.get(parent);
  if (!table) {
    table = new Map(parent.subAttributes?.map((sub) => [keyOf(sub.name), sub]));
    subAttributes.set(parent, table);
  }
  return table.get(keyOf(name));
}

function lookupOf(resourceType: ResourceType): Lookup {
  let lookup = lookups.get(resourceType);
  if (!lookup) {
    lookup = buildLookup(resourceType);
    lookups.set(resourceType, lookup);
  }
  return lookup;
}

function buildLookup({ schema, extensions }: ResourceType): Lookup {
  const core = tableOf([...COMMON_ATTRIBUTES, ...schema.attributes], undefined);
  const extensionTables = extensions.map((extension) => tableOf(extension.attributes, extension.id));
  return {
    bySchema: new Map([
      ...extensions.map(({ id }, i) => [id.toLowerCase(), extensionTables[i] ?? new Map()] as const),
      [schema.id.toLowerCase(), core] as const,
    ]),
    bare: bareTable(core, extensionTables),
    extensions: new Map(extensions.map((extension) => [extension.id.toLowerCase(), containerOf(extension)])),
  };
}

function tableOf(attributes: readonly Attribute[], schema: string | undefined): Table {
  const table: Table = new Map();
  const owner = schema === undefined ? {} : { schema };
  for (const top of attributes) {
    table.set(keyOf(top.name), {
      path: { ...owner, attribute: top.name },
      attribute: top,
      target: top,
      isExtension: false,
    });
    for (const sub of top.subAttributes ?? []) {
      table.set(keyOf(top.name, sub.name), {
        path: { ...owner, attribute: top.name, subAttribute: sub.name },
        attribute: top,
        subAttribute: sub,
        target: sub,
        isExtension: false,
      });
    }
  }
  return table;
}

function bareTable(core: Table, extensionTables: readonly Table[]): Table {
  const bare: Table = new Map(core);
  const ambiguous = new Set<string>();
  for (const table of extensionTables) {
    for (const [key, resolved] of table) {
      // A core attribute hides an extension's whole attribute of that name, its sub-attributes included.
      if (core.has(keyOf(resolved.attribute.name))) continue;
      if (bare.has(key)) ambiguous.add(keyOf(resolved.attribute.name));
      bare.set(key, resolved);
    }
  }
  for (const [key, resolved] of bare) if (ambiguous.has(keyOf(resolved.attribute.name))) bare.delete(key);
  return bare;
}

function containerOf(extension: Schema): ResolvedAttribute {
  const container = attribute(extension.id, extension.description, {
    type: 'complex',
    subAttributes: extension.attributes,
  });
  return { path: { attribute: extension.id }, attribute: container, target: container, isExtension: true };
}

const keyOf = (name: string, subAttribute?: string): string =>
  (subAttribute === undefined ? name : `${name}.${subAttribute}`).toLowerCase();
