/** Attribute statements (core 2.7.3) as a Map: names come from an IdP and may be anything, `__proto__` included. */
import { NS } from './names.js';
import { attributeOf, named, textOf } from './xml.js';

export interface SamlAttribute {
  readonly name: string;
  readonly friendlyName: string | undefined;
  readonly values: readonly string[];
}

export type SamlAttributes = ReadonlyMap<string, SamlAttribute>;

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Attributes of one name are one attribute: Keycloak sends one element per role. Values with elements inside are left out. */
export function readAttributes(statements: readonly Element[]): SamlAttributes {
  const attributes = new Map<string, SamlAttribute>();
  for (const element of statements.flatMap((statement) => named(statement, NS.assertion, 'Attribute'))) {
    const name = attributeOf(element, 'Name');
    if (name === undefined || name === '') continue;
    const known = attributes.get(name);
    const values = named(element, NS.assertion, 'AttributeValue').flatMap(valueOf);
    attributes.set(name, {
      name,
      friendlyName: known?.friendlyName ?? attributeOf(element, 'FriendlyName'),
      values: [...(known?.values ?? []), ...values],
    });
  }
  return attributes;
}

function valueOf(element: Element): string[] {
  const nil = element.getAttributeNS(XSI, 'nil');
  if (nil === 'true' || nil === '1') return [];
  const text = textOf(element)?.trim();
  return text === undefined || text === '' ? [] : [text];
}
