/** An If-Match or If-None-Match header without what concerns a user's groups and manager (see user-version), whom nobody writes with the user. */
export const ofWriters = (header: string): string => header.replace(/\b(\d+)\.[0-9a-z]+\b/g, '$1');
