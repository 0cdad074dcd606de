interface NameColumns {
  readonly name: string;
  readonly format: string;
}

const EMAIL = `'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'`;

/**
 * SQL: does a logout mean the name of a session? Without a format (NULL) it means the name in any; those that are e-mail addresses stand
 * in lower case in sessions, and a logout that does not say so may write one as it likes.
 */
export const isMeant = (session: NameColumns, logout: NameColumns): string =>
  `((${session.name} = ${logout.name} AND (${logout.format} IS NULL OR ${session.format} = ${logout.format}))
    OR (${logout.format} IS NULL AND ${session.format} = ${EMAIL} AND ${session.name} = lower(${logout.name})))`;

/**
 * SQL: the key of the lock by which sign-ins and logouts of one name wait for each other; both take it before anything else. All spellings
 * that one logout may mean have one key.
 */
export const lockKey = (connectionId: string, name: string): string =>
  `hashtextextended(${connectionId}::uuid::text || ' ' || lower(${name}::text), 0)`;
