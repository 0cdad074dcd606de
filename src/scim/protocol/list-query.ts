/**
 * Queries over resources (RFC 7644 section 3.4.2, with the cursors of RFC 9865), as parameters of a GET or as the body of a POST to
 * `.search` (section 3.4.3).
 */
import { toProjectionRequest } from './attribute-names.js';
import { parseAttributePath } from './filter/attribute-path.js';
import type { AttributePath, Filter } from './filter/filter.js';
import { parseFilter, type ParseFilterOptions } from './filter/parse-filter.js';
import type { ProjectionRequest } from './project-attributes.js';
import { invalidCursor, invalidSyntax, invalidValue } from './scim-error.js';
import { sameUrn, SEARCH_REQUEST_SCHEMA } from './urns.js';

export interface ListQuery extends ProjectionRequest {
  readonly filter?: Filter;
  /** Counted from 1. */
  readonly startIndex: number;
  /** Asks for pages by cursor instead of by index; empty: for the first one. */
  readonly cursor?: string;
  /** How many resources at most; 0 asks for the total only. */
  readonly count: number;
  readonly sortBy?: AttributePath;
  readonly sortOrder: 'ascending' | 'descending';
}

export interface ListQueryOptions extends ParseFilterOptions {
  /** What no `count` means. */
  readonly defaultCount?: number;
  /** The server's own limit: a larger `count` is lowered to it. */
  readonly maxCount?: number;
}

/** As a router hands them over: decoded, a repeated parameter as an array. */
export type QueryParameters = Readonly<Record<string, unknown>>;

const INTEGER = /^[+-]?\d{1,15}$/;

/**
 * Names of parameters are compared without case, unknown and empty ones are ignored, and of a repeated one the last counts.
 * Throws invalidFilter, or invalidValue naming the parameter.
 */
export function parseListQuery(parameters: QueryParameters, options: ListQueryOptions = {}): ListQuery {
  const byName = parametersByName(parameters);
  return toListQuery((name) => byName.get(name), options);
}

/** As `parseListQuery`, for the body of a SearchRequest; throws invalidSyntax when it is none. */
export function parseSearchRequest(body: unknown, options: ListQueryOptions = {}): ListQuery {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidSyntax('The body of a search is a JSON object.');
  }
  const byName = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const schemas: unknown = byName.get('schemas');
  const isSearch = (urn: unknown) => typeof urn === 'string' && sameUrn(urn, SEARCH_REQUEST_SCHEMA);
  if (!(Array.isArray(schemas) ? schemas : [schemas]).some(isSearch)) {
    throw invalidSyntax(`The "schemas" of a search are ["${SEARCH_REQUEST_SCHEMA}"].`);
  }
  return toListQuery((name) => byName.get(name), options);
}

/** `attributes` or `excludedAttributes` of any other request that is answered with a resource. Throws invalidValue. */
export function parseProjectionRequest(parameters: QueryParameters): ProjectionRequest {
  const byName = parametersByName(parameters);
  return toProjectionRequest(byName.get('attributes'), byName.get('excludedattributes'));
}

function parametersByName(parameters: QueryParameters): Map<string, unknown> {
  const isList = (name: string) => name === 'attributes' || name === 'excludedattributes';
  return new Map(
    Object.entries(parameters).map(([key, value]): [string, unknown] => {
      const name = key.toLowerCase();
      return [name, Array.isArray(value) && !isList(name) ? (value as unknown[]).at(-1) : value];
    }),
  );
}

function toListQuery(valueOf: (name: string) => unknown, options: ListQueryOptions): ListQuery {
  const { defaultCount = 100, maxCount = 1000 } = options;
  const filter = textOf(valueOf('filter'), 'filter');
  const sortBy = textOf(valueOf('sortby'), 'sortBy');
  // "A value less than 1 SHALL be interpreted as 1." "A negative value SHALL be interpreted as "0"." (RFC 7644 section 3.4.2.4, Table 6)
  const startIndex = Math.max(1, integerOf(valueOf('startindex'), 'startIndex') ?? 1);
  const count = Math.max(0, integerOf(valueOf('count'), 'count') ?? defaultCount);
  const cursor = cursorOf(valueOf('cursor'));
  if (cursor !== undefined && textOf(valueOf('startindex')?.toString(), 'startIndex') !== undefined) {
    throw invalidValue('"cursor" and "startIndex" exclude each other: pages are asked for by one of them.');
  }
  return {
    ...(filter === undefined ? {} : { filter: parseFilter(filter, options) }),
    startIndex,
    ...(cursor === undefined ? {} : { cursor }),
    count: Math.min(count, maxCount),
    ...(sortBy === undefined ? {} : { sortBy: toSortPath(sortBy) }),
    sortOrder: toSortOrder(textOf(valueOf('sortorder'), 'sortOrder')),
    ...toProjectionRequest(valueOf('attributes'), valueOf('excludedattributes')),
  };
}

/** Blank texts and null are as good as nothing. */
function textOf(value: unknown, parameter: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidValue(`"${parameter}" is a text.`);
  return value.trim() === '' ? undefined : value.trim();
}

/** "The cursor value MUST be empty or omitted for the first request of a cursor-paginated query" (RFC 9865 section 2). */
function cursorOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidCursor('"cursor" is a text: empty, or a "nextCursor" as it came.');
  return value.trim();
}

function integerOf(value: unknown, parameter: string): number | undefined {
  const text = textOf(typeof value === 'number' ? String(value) : value, parameter);
  if (text === undefined) return undefined;
  if (!INTEGER.test(text)) throw invalidValue(`"${parameter}" is an integer.`);
  return Number(text);
}

function toSortPath(text: string): AttributePath {
  const path = parseAttributePath(text);
  if (!path) throw invalidValue('"sortBy" is the name of an attribute.');
  return path;
}

function toSortOrder(text: string | undefined): ListQuery['sortOrder'] {
  const order = text?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending') {
    throw invalidValue('"sortOrder" is "ascending" or "descending".');
  }
  return order;
}
