/** What the rooms above need of a database: one statement with parameters, rows back. */
export interface Queryable {
  /** Runs one statement; the rows of SELECT or RETURNING. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs one statement without interest in its rows; the number of rows it touched. */
  execute(sql: string, parameters?: readonly unknown[]): Promise<number>;
}

/** A Queryable whose statements are one transaction. Handed down as an argument; never stored. */
export interface Transaction extends Queryable {
  readonly inTransaction: true;
  /**
   * A write that nothing in this transaction reads, changes or waits for: it is done before the commit, in one statement with the others
   * that were left until then. Not for statements that begin with WITH.
   */
  defer(sql: string, parameters: readonly unknown[]): Promise<void>;
  /** Asked in that one statement, and may lock: when it finds no row, the transaction fails with `failure`. */
  demand(sql: string, parameters: readonly unknown[], failure: () => Error): Promise<void>;
  /** Done once the transaction is committed, and never when it is not. Must not fail. */
  committed(then: () => void): void;
}

/** A Queryable whose statements all see the same moment and cannot write or lock: what previews are made by. */
export interface Snapshot extends Queryable {
  readonly inTransaction: false;
}
