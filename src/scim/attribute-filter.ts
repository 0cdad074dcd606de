/**
 * A checked filter as a Condition of the directory: the allow-list of what may be searched. Most attributes lie in the stored
 * document at the place the schema gives them; PLACES names the others.
 */
import { all, any, EVERYTHING, not, NOTHING, type Comparison, type Condition } from '../directory/condition.js';
import type { Operand } from '../directory/condition.js';
import { isRelated, isSchemas, keysOf, nameOf, operandOf, PLACES, valueTypeOf } from './attribute-places.js';
import type { Collections, Place } from './attribute-places.js';
import type { CheckedComparison, CheckedFilter, CheckedOperator } from './protocol/filter/checked-filter.js';
import type { Attribute, ResourceType } from './protocol/schema/attribute.js';

/** What the leaves of a filter need to know of the resources they speak of. */
type Searched = ResourceType & { readonly collections: Collections };

/** Whose values the leaves of a filter speak of. */
type Context = 'resource' | 'element' | 'related' | { readonly text: string };

export function toCondition(resourceType: ResourceType, filter: CheckedFilter, collections: Collections): Condition {
  return translate(filter, { ...resourceType, collections }, 'resource');
}

function translate(filter: CheckedFilter, resourceType: Searched, context: Context): Condition {
  switch (filter.kind) {
    case 'and':
      return all(...filter.filters.map((part) => translate(part, resourceType, context)));
    case 'or':
      return any(...filter.filters.map((part) => translate(part, resourceType, context)));
    case 'not':
      return not(translate(filter.filter, resourceType, context));
    case 'never':
      return NOTHING;
    case 'some':
      return translateSome(filter, resourceType);
    case 'present':
    case 'compare':
      return translateLeaf(filter, resourceType, context);
  }
}

function translateSome({ at, filter }: Extract<CheckedFilter, { kind: 'some' }>, type: Searched): Condition {
  if (isRelated(at, type)) return { kind: 'related', condition: translate(filter, type, 'related') };
  if (isSchemas(at)) return ofSchemas(type, (text) => translate(filter, type, { text }));
  const condition = translate(filter, type, at.attribute.multiValued ? 'element' : 'resource');
  if (at.attribute.multiValued) return all(quick(filter), { kind: 'some', path: keysOf(at), condition });
  // A single complex attribute is its own only element, if it is there.
  return all(translateLeaf({ kind: 'present', at }, type, 'resource'), condition);
}

type Leaf = Extract<CheckedFilter, { kind: 'present' | 'compare' }>;

function translateLeaf(leaf: Leaf, type: Searched, context: Context): Condition {
  const found = translatePlainLeaf(leaf, type, context);
  return context === 'resource' ? all(quick(leaf), found) : found;
}

/** What the index of unique values can answer first; everything when there is nothing of that kind. */
function quick(filter: CheckedFilter): Condition {
  if (filter.kind === 'and') return all(...filter.filters.map(quick));
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value === 'boolean') return EVERYTHING;
  const { path, subAttribute, target } = filter.at;
  if (path.schema === undefined || target.uniqueness === 'none') return EVERYTHING;
  const attribute = [`${path.schema}:${path.attribute}`, subAttribute?.name].filter(Boolean).join('.');
  return { kind: 'unique', attribute, value: filter.value, caseExact: filter.caseExact };
}

function translatePlainLeaf(leaf: Leaf, type: Searched, context: Context): Condition {
  const { at } = leaf;
  if (typeof context === 'object') return ofText(leaf, context.text);
  if (context === 'resource') {
    if (isRelated(at, type)) {
      const condition = at.subAttribute ? translateLeaf(leaf, type, 'related') : EVERYTHING;
      return { kind: 'related', condition };
    }
    if (isSchemas(at)) return ofSchemas(type, (text) => ofText(leaf, text));
    if (at.attribute.multiValued && at.subAttribute) {
      const path = keysOf(at).slice(0, -1);
      return { kind: 'some', path, condition: translatePlainLeaf(leaf, type, 'element') };
    }
  }
  const place = PLACES[type.id][nameOf(at)];
  if (place) return ofPlace(leaf, place, type);
  if (leaf.kind === 'present' && at.isExtension)
    return anyPresent([at.path.attribute], at.attribute.subAttributes ?? []);
  if (leaf.kind === 'present' && at.path.schema !== undefined && at.target.type === 'complex')
    return anyPresent([at.path.schema], [at.attribute]);
  return ofDocument(leaf, context === 'element' ? keysOf(at).slice(-1) : keysOf(at), context === 'element');
}

function ofPlace(leaf: Leaf, place: Place, { collections }: Searched): Condition {
  if (place.kind === 'text') return ofText(leaf, place.text);
  if (place.kind === 'document') return ofDocument(leaf, [place.key], false);
  if (place.kind === 'always') return EVERYTHING;
  const operand = operandOf(place, collections);
  if (leaf.kind === 'present') return { kind: 'present', operand };
  return compare(place.kind === 'reference' ? { ...leaf, value: String(leaf.value).toLowerCase() } : leaf, operand);
}

/** A value of the stored document, or of the element at hand. */
function ofDocument(leaf: Leaf, path: readonly string[], inElement: boolean): Condition {
  const { target } = leaf.at;
  const type = valueTypeOf(target);
  const simple = inElement && leaf.at.subAttribute === undefined;
  // A list of simple values, or a list below the attribute at hand, is gone through; the element is then the value itself.
  if (leaf.kind === 'compare' && target.multiValued && !simple) {
    const operand: Operand = { kind: 'json', path: [], type, caseExact: leaf.caseExact };
    return { kind: 'some', path, condition: compare(leaf, operand) };
  }
  const operand = { kind: 'json', path: simple ? [] : path, type, caseExact: target.caseExact } as const;
  return leaf.kind === 'present'
    ? { kind: 'present', operand }
    : compare(leaf, { ...operand, caseExact: leaf.caseExact });
}

const compare = ({ operator, value }: CheckedComparison, operand: Operand): Condition => ({
  kind: 'compare',
  operand,
  comparison: COMPARISONS[operator],
  value,
});

/** The `schemas` of a resource: its core schema and every extension it has attributes of. */
function ofSchemas({ schema, extensions }: ResourceType, test: (urn: string) => Condition): Condition {
  return any(test(schema.id), ...extensions.map(({ id, attributes }) => all(test(id), anyPresent([id], attributes))));
}

/**
 * Something that clients see below the path. Not just anything that is stored there: it may be of an attribute that is declared no
 * more, or that is never returned.
 */
function anyPresent(path: readonly string[], attributes: readonly Attribute[]): Condition {
  const seen = attributes.filter(({ returned }) => returned !== 'never');
  return any(
    ...seen.map(({ name, multiValued, subAttributes = [] }): Condition => {
      if (subAttributes.every(({ returned }) => returned !== 'never')) return presentAt([...path, name]);
      if (!multiValued) return anyPresent([...path, name], subAttributes);
      return { kind: 'some', path: [...path, name], condition: anyPresent([], subAttributes) };
    }),
  );
}

const presentAt = (path: readonly string[]): Condition => ({
  kind: 'present',
  operand: { kind: 'json', path, type: 'string', caseExact: false },
});

function ofText(leaf: Leaf, text: string): Condition {
  return leaf.kind === 'present' || textMatches(leaf, text) ? EVERYTHING : NOTHING;
}

function textMatches({ operator, value, caseExact }: CheckedComparison, text: string): boolean {
  const [left, right] = caseExact ? [text, String(value)] : [text.toLowerCase(), String(value).toLowerCase()];
  switch (operator) {
    case 'eq':
      return left === right;
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

const COMPARISONS: Readonly<Record<CheckedOperator, Comparison>> = {
  eq: 'equal',
  co: 'contains',
  sw: 'startsWith',
  ew: 'endsWith',
  gt: 'greater',
  ge: 'atLeast',
  lt: 'less',
  le: 'atMost',
};
