import fc from 'fast-check';
import type { WrittenAttribute } from '../../src/scim/protocol/schema/extension.js';
import type { Json, JsonObject } from '../../src/scim/protocol/schema/attribute.js';
import { DATES, NUMBERS, type Kind, type Named } from './random-filters.js';

/** Random extension schemas, and random values of them. */

/** With everything that LIKE, JSON, case folding and JavaScript's own names could trip over. */
const TEXTS = ['a', 'A', 'ab', 'b%', 'B_', 'c\\', "o'x", 'q"q', 'ä', 'Ä', '100', 'true', 'null', '語', ' and or '];
const OF_TYPE: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  string: fc.constantFrom(...TEXTS),
  reference: fc.constantFrom('https://example.com/a', 'https://example.com/A', 'urn:a:b', '../Users/1'),
  binary: fc.constantFrom('aGk=', 'AGK=', '+/+/'),
  boolean: fc.boolean(),
  integer: fc.constantFrom(-1, 0, 2, 10, Number.MAX_SAFE_INTEGER),
  decimal: fc.constantFrom(...NUMBERS.map(Number)),
  dateTime: fc.constantFrom(
    ...DATES,
    '2026-11-24T10:00:00.000000001Z',
    '2026-11-24t10:00:00',
    '2024-02-29T23:59:59.5-14:00',
  ),
};
const SIMPLE = Object.keys(OF_TYPE);

/** Names that mean something elsewhere, or look like it. */
const name = fc.constantFrom(
  'badge',
  'Level',
  'x',
  'emails',
  'groups',
  'schemas',
  'id',
  'meta',
  'value',
  'a-b',
  'a_b',
  'a$',
  'displayName',
  'proto',
);
const simple = (names: fc.Arbitrary<string>): fc.Arbitrary<WrittenAttribute> =>
  fc.record({ name: names, type: fc.constantFrom(...SIMPLE), caseExact: fc.boolean() }).map(written);
const subName = fc.constantFrom('value', 'type', 'display', 'since', 'n-1', 'id');

function written({ type, ...rest }: { name: string; type: string; caseExact: boolean }): WrittenAttribute {
  const references = type === 'reference' ? { referenceTypes: ['uri'] } : {};
  return { ...rest, type: type as 'string', ...references };
}

const complex: fc.Arbitrary<WrittenAttribute> = fc
  .record({
    name,
    subAttributes: fc.uniqueArray(simple(subName), { minLength: 2, maxLength: 4, selector: (sub) => sub.name }),
  })
  .map(({ subAttributes, ...rest }) => {
    const subs = subAttributes.map((sub, index) => ({
      ...sub,
      ...(index === 0 ? { name: 'main', required: true } : {}),
    }));
    return { ...rest, type: 'complex', subAttributes: subs };
  });

export const attributes: fc.Arbitrary<WrittenAttribute[]> = fc.uniqueArray(
  fc
    .tuple(fc.oneof({ weight: 3, arbitrary: simple(name) }, { weight: 2, arbitrary: complex }), fc.boolean(), fc.nat(4))
    .map(([attribute, multiValued, required]) => ({ ...attribute, multiValued, required: required === 0 })),
  { minLength: 3, maxLength: 7, selector: (attribute) => attribute.name.toLowerCase() },
);

/** Values of an extension; empty: none. */
export const valuesOf = (schema: readonly WrittenAttribute[]): fc.Arbitrary<JsonObject> =>
  objectOf(schema, (attribute) => (attribute.multiValued ? listOf(attribute) : valueOf(attribute)));

function objectOf(schema: readonly WrittenAttribute[], of: (attribute: WrittenAttribute) => fc.Arbitrary<Json>) {
  const model = Object.fromEntries(schema.map((attribute) => [attribute.name, of(attribute)]));
  const requiredKeys = schema.filter(({ required }) => required).map((attribute) => attribute.name);
  return fc.record(model, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
}

/** Elements that have a `value` are known by it (RFC 7643 section 2.4); all others by the whole of them. */
const listOf = (attribute: WrittenAttribute): fc.Arbitrary<Json> =>
  fc.uniqueArray(valueOf(attribute), {
    minLength: 1,
    maxLength: 3,
    selector: (element) => JSON.stringify((element as JsonObject)['value'] ?? element),
  });

const valueOf = ({ type = 'string', subAttributes = [] }: WrittenAttribute): fc.Arbitrary<Json> =>
  type === 'complex' ? objectOf(subAttributes, valueOf) : OF_TYPE[type]!;

const KINDS: Readonly<Record<string, Kind>> = {
  integer: 'number',
  decimal: 'number',
  boolean: 'boolean',
  dateTime: 'dateTime',
  binary: 'binary',
};

/** What filters can name of the extension. */
export function namesOf(urn: string, schema: readonly WrittenAttribute[]): Named[] {
  const inside = schema.flatMap(({ name: top, type = 'string', subAttributes = [] }): Named[] => {
    const path = `${urn}:${top}`;
    if (type !== 'complex') return [{ path, kind: KINDS[type] ?? 'text' }];
    const subs = subAttributes.map((sub): Named => ({
      path: `${path}.${sub.name}`,
      kind: KINDS[sub.type ?? 'string'] ?? 'text',
    }));
    return [{ path, kind: 'complex' }, ...subs];
  });
  return [{ path: urn, kind: 'complex' }, ...inside];
}
