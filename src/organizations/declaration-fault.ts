import type { Attribute } from '../scim/protocol/schema/attribute.js';
import type { Extension } from '../scim/protocol/schema/extension.js';
import { extensionFaults } from '../scim/protocol/schema/extension-fault.js';
import { ENTERPRISE_USER_SCHEMA, sameUrn } from '../scim/protocol/urns.js';

/** What stands against declaring an extension schema: what it says itself, and what is declared beside it. Pure. */

const MOST_EXTENSIONS = 20;

/** Another connection of the organization. */
export interface Neighbour {
  readonly name: string;
  readonly extensions: readonly Extension[];
}

/** Faults of the definition itself; empty: none. */
export function definitionFaults(extension: Extension, own: readonly Extension[]): string[] {
  const { id } = extension.schema;
  const others = own.filter(({ schema }) => !sameUrn(schema.id, id));
  const urns = [ENTERPRISE_USER_SCHEMA, ...others.map(({ schema }) => schema.id)];
  // Of "urn:a:b" and "urn:a:b:c" one could not say whether "urn:a:b:c" names the second, or the attribute "c" of the first.
  const inside = urns.find((urn) => isInside(urn, id) || isInside(id, urn));
  return [
    ...extensionFaults(extension),
    ...(inside === undefined ? [] : [`"${id}" and "${inside}" begin alike; a path could mean either`]),
    ...(others.length >= MOST_EXTENSIONS ? [`a connection has at most ${MOST_EXTENSIONS} schemas`] : []),
  ];
}

const isInside = (outer: string, inner: string): boolean => inner.toLowerCase().startsWith(`${outer.toLowerCase()}:`);

/**
 * Why it cannot stand beside what is declared already; undefined: it can. Values of an extension belong to the organization, so
 * connections must agree on what is stored: the types, what is compared how, and what is unique. Who may write an attribute and who
 * sees it is each connection's own.
 */
export function declarationConflict(
  extension: Extension,
  own: readonly Extension[],
  neighbours: readonly Neighbour[],
): string | undefined {
  const { id } = extension.schema;
  const known = own.find(({ schema }) => sameUrn(schema.id, id));
  if (known && known.resourceType !== extension.resourceType) {
    return `"${id}" is declared for ${known.resourceType}; delete it first`;
  }
  for (const { name, extensions } of neighbours) {
    const theirs = extensions.find(({ schema }) => sameUrn(schema.id, id));
    if (!theirs) continue;
    const where = `the connection "${name}" of the same organization`;
    if (theirs.schema.id !== id) return `${where} spells it "${theirs.schema.id}"`;
    if (theirs.resourceType !== extension.resourceType) return `${where} declares it for ${theirs.resourceType}`;
    const attribute = differing(extension.schema.attributes, theirs.schema.attributes);
    if (attribute !== undefined) return `${where} declares "${attribute}" otherwise; change it there first`;
  }
  return undefined;
}

/** The name of an attribute that both have and that is not stored alike. */
function differing(ours: readonly Attribute[], theirs: readonly Attribute[], prefix = ''): string | undefined {
  for (const attribute of ours) {
    const other = theirs.find(({ name }) => name.toLowerCase() === attribute.name.toLowerCase());
    if (!other) continue;
    const name = prefix + attribute.name;
    if (STORED.some((trait) => attribute[trait] !== other[trait])) return name;
    const inside = differing(attribute.subAttributes ?? [], other.subAttributes ?? [], `${name}.`);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

const STORED = ['name', 'type', 'multiValued', 'caseExact', 'uniqueness'] as const;
