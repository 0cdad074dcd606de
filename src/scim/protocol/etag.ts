/** Versions of resources as entity tags (RFC 7644 section 3.14, RFC 9110 section 13.1). */

/** `meta.version` and the ETag header: weak, because equal versions promise the same resource, not the same bytes. */
export const toEtag = (version: number | string): string => `${AROUND_VERSION.before}${version}${AROUND_VERSION.after}`;

export const AROUND_VERSION = { before: 'W/"', after: '"' } as const;

/**
 * An element of a list of entity tags. Entity tags may hold commas, so the list is not split at them. "A recipient MUST parse and ignore
 * a reasonable number of empty list elements" (RFC 9110 section 5.6.1.2).
 */
const ENTITY_TAG = /\s*(?:(?:W\/)?"([^"]*)"\s*(?:,|$)|,)/y;

/**
 * Whether a resource of this version fulfils If-Match: one of the listed tags is the version, or the header is "*". Without header
 * there is no condition. A header that cannot be read names no version.
 * Strong comparison would never succeed with our weak tags; RFC 7644 section 3.14 shows weak ones in If-Match, so they are compared
 * weakly. Quotation marks may be missing: some clients send `meta.version` back without them.
 */
export function matchesIfMatch(header: string | undefined, version: number | string): boolean {
  return header === undefined || names(header, version);
}

/** Whether If-None-Match names the version: a GET is then answered 304, a write 412. Without header it does not. */
export function matchesIfNoneMatch(header: string | undefined, version: number | string): boolean {
  return header !== undefined && names(header, version);
}

function names(header: string, version: number | string): boolean {
  const text = header.trim();
  if (text === '*' || text === String(version)) return true;
  let position = 0;
  while (position < text.length) {
    ENTITY_TAG.lastIndex = position;
    const match = ENTITY_TAG.exec(text);
    if (!match) return false;
    if (match[1] === String(version)) return true;
    position = ENTITY_TAG.lastIndex;
  }
  return false;
}
