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
}

/** A Queryable whose statements all see the same moment and cannot write or lock: what previews are made by. */
export interface Snapshot extends Queryable {
  readonly inTransaction: false;
}
