/**
 * The compared form of a name that ignores case: NFKC, then lower case. A stand-in for the PRECIS profile that RFC 7644 section 5
 * asks for; computed here and not by the database, so that it does not depend on a locale.
 */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC');

/** An index of the database takes no longer keys, with what stands beside them. */
export const MOST_KEY_BYTES = 2000;

export const fitsIndex = (key: string): boolean => Buffer.byteLength(key) <= MOST_KEY_BYTES;

/** NFKC makes at most 33 bytes of a character: there may be very many names, and few are so long that one has to look. */
const MOST_EXPANSION = 33;

/** Does what the name is compared as fit? */
export const nameFitsIndex = (name: string): boolean =>
  name.length * MOST_EXPANSION <= MOST_KEY_BYTES || fitsIndex(nameKey(name));
