import { createHash } from 'node:crypto';

/** A statement as pg takes it: one with a name is parsed and planned once a connection. */
export type Statement = string | { readonly name: string; readonly text: string };

/**
 * Begins a transaction of statements that are repeated: they are planned for any parameters, not for those at hand. Good where every
 * look-up is by key; a filter, whose plan depends on what is looked for, would be slow.
 */
export const BEGIN_REPEATED = 'START TRANSACTION; SET LOCAL plan_cache_mode = force_generic_plan';

/** A connection keeps what it has parsed: texts without end would fill its memory. */
const MOST = 500;

/** Names of the texts that were met; what comes later has none. */
export class RepeatedStatements {
  private readonly known = new Map<string, Statement>();

  of(text: string): Statement {
    const known = this.known.get(text);
    if (known) return known;
    if (this.known.size >= MOST) return text;
    // The same on every node, for a pooler that stands between them and the database.
    const name = `rollcall_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    const statement = { name, text };
    this.known.set(text, statement);
    return statement;
  }
}
