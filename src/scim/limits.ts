/**
 * How much one answer holds; published in ServiceProviderConfig. Unquoted words in filters are read: what comes here from a strict
 * connection has none.
 */
export const LIST_OPTIONS = { defaultCount: 100, maxCount: 1000, tolerant: true } as const;

/** Nothing is kept for a cursor, so the time is a client's longest pause, not a burden. Published likewise. */
export const CURSOR_TIMEOUT_SECONDS = 24 * 60 * 60;

/** How much one bulk request does; published likewise, with the largest body as maxPayloadSize. */
export const BULK_OPTIONS = { maxOperations: 1000 } as const;
