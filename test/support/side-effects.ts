import type { TestServer } from './app.js';

/** Exactly what something left behind in the database: a scenario says what it expects, and anything else fails it. */

/**
 * Tables whose rows are compared, with their keys. Not client_quirks, request_levels and measurements: they are counted beside the
 * requests, on a timer, and are the effect of none; not sign_in_details, which are written behind the answers.
 */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  organizations: ['id'],
  connections: ['id'],
  metadata_sources: ['connection_id'],
  scim_tokens: ['id'],
  scim_clients: ['id'],
  client_secrets: ['id'],
  access_tokens: ['token_hash'],
  used_client_assertions: ['client_id', 'jti_hash'],
  domains: ['domain'],
  data_keys: ['id'],
  sp_keys: ['id'],
  certificate_warnings: ['connection_id', 'fingerprint', 'threshold_days'],
  hand_overs: ['id'],
  hand_over_changes: ['hand_over_id', 'user_id'],
  users: ['id'],
  identities: ['connection_id', 'name_id_format', 'name_qualifier', 'name_id'],
  groups: ['id'],
  memberships: ['group_id', 'user_id'],
  guard_states: ['connection_id', 'guard'],
  access_ends: ['connection_id', 'user_id'],
  group_resets: ['connection_id', 'user_id'],
  held_removals: ['connection_id', 'user_id'],
  waiting_members: ['group_id', 'value'],
  unique_values: ['subject', 'attribute', 'value_key'],
  login_requests: ['id'],
  used_assertions: ['connection_id', 'assertion_id'],
  recovery_codes: ['id'],
  recovery_attempts: ['key'],
  logouts: ['id'],
  logout_requests: ['id'],
  sessions: ['id'],
  sign_ins: ['id'],
  test_sign_ins: ['id'],
  audit_entries: ['id'],
  outbox_events: ['id'],
};

/** Columns that move by themselves. */
const UNWATCHED: Readonly<Record<string, readonly string[]>> = {
  scim_tokens: ['last_used_at'],
  scim_clients: ['last_used_at'],
  access_ends: ['at'],
  group_resets: ['at'],
  sessions: ['last_seen_at', 'idle_until'],
};

export interface SideEffects {
  /**
   * Table -> what happened to its rows: `+2` added, `~1` changed, `-1` removed, in this order with spaces between. Tables without
   * a difference are absent, and so is outbox_events, whose rows are `events`.
   */
  readonly rows: Readonly<Record<string, string>>;
  /** Table -> columns that changed in any row that was there before and after. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** The events appended, in order: type and subject. */
  readonly events: readonly (readonly [type: string, subjectId: string])[];
  /** The audit entries appended, in order: action and target. */
  readonly audit: readonly (readonly [action: string, targetId: string])[];
}

type Row = Readonly<Record<string, unknown>>;
type Snapshot = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/**
 * Runs `work` and compares the database before and after. With `organizationId`, only the rows of that organization. Throws what
 * `work` throws.
 */
export async function sideEffects(
  server: Pick<TestServer, 'sql'>,
  work: () => Promise<unknown>,
  organizationId?: string,
): Promise<SideEffects> {
  const before = await snapshot(server, organizationId);
  await work();
  return compare(before, await snapshot(server, organizationId));
}

async function snapshot(server: Pick<TestServer, 'sql'>, organizationId: string | undefined): Promise<Snapshot> {
  const selects = Object.entries(TABLES).map(([table, key]) => {
    const own = table === 'organizations' ? 'id' : 'organization_id';
    const id = ['organization_id', ...key].filter((column) => table !== 'organizations' || column === 'id');
    return `SELECT '${table}' AS "table", concat_ws(' ', ${id.join(', ')}) AS key, to_jsonb(t) AS row FROM ${table} t
      WHERE $1::uuid IS NULL OR ${own} = $1`;
  });
  const rows = await server.sql<{ table: string; key: string; row: Row }>(selects.join(' UNION ALL '), [
    organizationId ?? null,
  ]);
  const tables = new Map(Object.keys(TABLES).map((table) => [table, new Map<string, Row>()]));
  for (const { table, key, row } of rows) tables.get(table)!.set(key, row);
  return tables;
}

function compare(before: Snapshot, after: Snapshot): SideEffects {
  const rows: Record<string, string> = {};
  const columns: Record<string, readonly string[]> = {};
  for (const table of Object.keys(TABLES)) {
    const old = before.get(table)!;
    const present = after.get(table)!;
    const added = addedRows(old, present).length;
    const removed = addedRows(present, old).length;
    const changed = [...present].flatMap(([key, row]) => {
      const names = changedColumns(table, old.get(key), row);
      return names.length > 0 ? [names] : [];
    });
    const said = [added > 0 && `+${added}`, changed.length > 0 && `~${changed.length}`, removed > 0 && `-${removed}`];
    const text = said.filter(Boolean).join(' ');
    if (text !== '' && (table !== 'outbox_events' || changed.length + removed > 0)) rows[table] = text;
    if (changed.length > 0) columns[table] = [...new Set(changed.flat())].sort();
  }
  return {
    rows,
    columns,
    events: newEntries(before, after, 'outbox_events', 'type', 'subject_id'),
    audit: newEntries(before, after, 'audit_entries', 'action', 'target_id'),
  };
}

const addedRows = (old: ReadonlyMap<string, Row>, present: ReadonlyMap<string, Row>): Row[] =>
  [...present].filter(([key]) => !old.has(key)).map(([, row]) => row);

function changedColumns(table: string, old: Row | undefined, present: Row): string[] {
  if (!old) return [];
  return Object.keys(present).filter(
    (column) => !UNWATCHED[table]?.includes(column) && JSON.stringify(old[column]) !== JSON.stringify(present[column]),
  );
}

/** Ids are time-ordered, so their order is the order of appending. */
function newEntries(before: Snapshot, after: Snapshot, table: string, what: string, about: string): [string, string][] {
  const rows = addedRows(before.get(table)!, after.get(table)!);
  rows.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
  return rows.map((row) => [String(row[what]), String(row[about])]);
}

/** Exactly these events, in any order of appending: a type, or a type with its subject. */
export function expectEvents(
  effects: SideEffects,
  expected: readonly (string | readonly [type: string, subjectId: string])[],
): void {
  const wanted = expected.map((event) => (typeof event === 'string' ? event : event.join(' '))).sort();
  const typesOnly = expected.every((event) => typeof event === 'string');
  const found = effects.events.map(([type, subjectId]) => (typesOnly ? type : `${type} ${subjectId}`)).sort();
  expect(found).toEqual(wanted);
}

/** Nothing at all happened. */
export function expectNoEffects(effects: SideEffects): void {
  expect(effects).toEqual({ rows: {}, columns: {}, events: [], audit: [] });
}
