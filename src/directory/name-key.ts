/**
 * The compared form of a name that ignores case: NFKC, then lower case. A stand-in for the PRECIS profile that RFC 7644 section 5
 * asks for; computed here and not by the database, so that it does not depend on a locale.
 */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC');
