/** A statement that was left until the commit; with `failure`, a question that must find a row. */
export interface Deferred {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly failure?: () => Error;
}

type Run = (sql: string, parameters: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** Runs all of them in one round trip. Throws the failure of the first question that finds nothing. */
export async function runDeferred(deferred: readonly Deferred[], run: Run): Promise<void> {
  const joined = joinStatements(deferred);
  if (!joined) return;
  const [answers = {}] = await run(joined.sql, joined.parameters);
  for (const [index, { failure }] of deferred.entries()) {
    if (failure && answers[nameOf(index)] !== true) throw failure();
  }
}

/**
 * Several statements as one. PostgreSQL runs all of them on one snapshot and in no particular order, and checks foreign keys after the
 * last: they may refer to each other's rows, but none reads or changes what another one writes.
 */
export function joinStatements(deferred: readonly Deferred[]): Omit<Deferred, 'failure'> | undefined {
  const [first] = deferred;
  if (!first || (deferred.length === 1 && !first.failure)) return first;
  const parameters: unknown[] = [];
  const parts = deferred.map((statement, index) => {
    const offset = parameters.length;
    parameters.push(...statement.parameters);
    const sql = statement.sql.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + offset}`);
    return `${nameOf(index)} AS (${sql})`;
  });
  // What only asks is run because somebody asks for it.
  const asked = deferred.flatMap(({ failure }, index) =>
    failure ? [`EXISTS (SELECT 1 FROM ${nameOf(index)}) AS ${nameOf(index)}`] : [],
  );
  return { sql: `WITH ${parts.join(', ')} SELECT ${asked.join(', ')}`.trimEnd(), parameters };
}

const nameOf = (index: number): string => `s${index}`;
