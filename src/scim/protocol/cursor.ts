/**
 * Cursors (RFC 9865): the place where a page ended, handed to the client and back. Nothing is kept here: a cursor is its content,
 * sealed by the door together with what it belongs to, so that it says nothing to whoever reads it in a log and opens only for the
 * same asker and the same query. It grants nothing: every page is authorised by its own token.
 */
import type { ListQuery } from './list-query.js';
import { invalidCursor } from './scim-error.js';

/** Where a page ended: at this resource. */
export interface CursorPosition {
  readonly id: string;
  /** In a sorted list, the value it was sorted by; null: it has none. */
  readonly sortKey?: string | null;
  /** In a list over both types, its type. */
  readonly of?: 'user' | 'group';
}

export interface CursorContent {
  readonly position: CursorPosition;
  /** The page size of the walk. */
  readonly count: number;
  /** Milliseconds of the epoch. */
  readonly issuedAt: number;
}

/** Longer than any that is issued. */
const LONGEST = 8192;

/** The alphabet of base64url lies within the "unreserved" characters that RFC 9865 section 2 allows. */
export const printCursor = (sealed: Buffer): string => sealed.toString('base64url');

/** The sealed bytes of a cursor as it came; throws ScimError invalidCursor for what cannot be one. */
export function parseCursor(cursor: string): Buffer {
  const sealed = Buffer.from(cursor, 'base64url');
  // Only the one spelling that was issued.
  if (cursor.length > LONGEST || sealed.toString('base64url') !== cursor) throw notOfThisQuery();
  return sealed;
}

/** Everything that must be the same for the next page, except the count: it is in the cursor, because it has an error of its own. */
export function queryOfCursor(endpoint: string, query: ListQuery): string {
  const { filter, sortBy, sortOrder, attributes, excludedAttributes } = query;
  return JSON.stringify([endpoint, filter ?? 0, sortBy ?? 0, sortOrder, attributes ?? 0, excludedAttributes ?? 0]);
}

/** The same words whether it is garbage, somebody else's or of another query (RFC 9865 section 5.2). */
export const notOfThisQuery = () =>
  invalidCursor(
    'The cursor is not one of this query: begin with an empty cursor, then send each "nextCursor" with the parameters of the first request.',
  );
