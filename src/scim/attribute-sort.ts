import type { SortKey } from '../directory/condition.js';
import { isRelated, isSchemas, keysOf, nameOf, operandOf, PLACES, valueTypeOf } from './attribute-places.js';
import type { Collections, Place } from './attribute-places.js';
import type { ResourceType } from './protocol/schema/attribute.js';
import type { ResolvedAttribute } from './protocol/schema/lookup.js';

/**
 * Where a resource has the value that an attribute sorts it by. "If it's a multi-valued attribute, resources are sorted by the value of
 * the primary attribute, if any, or else the first value in the list" (RFC 7644 section 3.4.2.3).
 */
export function toSortKey(type: ResourceType, at: ResolvedAttribute, collections: Collections): SortKey {
  // The first of the schemas is the core schema.
  if (isSchemas(at)) return { kind: 'text', text: type.schema.id };
  const place = PLACES[type.id][nameOf(at)];
  const key = place ? ofPlace(place, collections) : ofDocument(at);
  return isRelated(at, type) ? { kind: 'related', key } : key;
}

function ofPlace(place: Place, collections: Collections): SortKey {
  switch (place.kind) {
    case 'text':
      return place;
    case 'document':
      return { kind: 'json', path: [place.key], type: 'string', caseExact: false };
    case 'always':
      throw new Error('A complex attribute has no value to sort by');
    default:
      return operandOf(place, collections);
  }
}

function ofDocument(at: ResolvedAttribute): SortKey {
  const { type, caseExact } = { type: valueTypeOf(at.target), caseExact: at.target.caseExact };
  const keys = keysOf(at);
  if (!at.attribute.multiValued) return { kind: 'json', path: keys, type, caseExact };
  const path = at.subAttribute ? [at.subAttribute.name] : [];
  return { kind: 'list', list: keys.slice(0, keys.length - path.length), path, type, caseExact };
}
