/** What can go wrong in the directory, without a word of HTTP; the doors translate. */

export class NotFoundError extends Error {
  constructor(
    readonly what: 'user' | 'group' | 'hand-over' | 'client',
    readonly id: string,
  ) {
    super(`No ${what} ${id}`);
    this.name = 'NotFoundError';
  }
}

/** If-Match named another version than the stored one (RFC 7644 section 3.14). */
export class VersionConflictError extends Error {
  constructor(readonly current: number) {
    super('The resource has another version by now');
    this.name = 'VersionConflictError';
  }
}

/** A unique key is taken. */
export class UniquenessError extends Error {
  constructor(
    readonly what: 'user' | 'group',
    /** As clients write it. */
    readonly attribute: string,
    readonly value: string,
  ) {
    super(`${attribute} "${value}" is taken`);
    this.name = 'UniquenessError';
  }
}
