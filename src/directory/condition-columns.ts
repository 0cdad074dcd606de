import type { Column as Field } from './condition.js';

/** Which column answers for a field, and how a value is taken out of a JSON document: the vocabulary of condition-to-sql. */

export type Subject = 'user' | 'group';

export interface Column {
  readonly name: string;
  /** `name`: the compared form computed by nameKey; `text`: compared with case, may be null. */
  readonly type: 'uuid' | 'name' | 'text' | 'boolean' | 'time';
  readonly nullable?: true;
}

const COMMON = {
  id: { name: 'id', type: 'uuid' },
  externalId: { name: 'external_id', type: 'text', nullable: true },
  createdAt: { name: 'created_at', type: 'time' },
  updatedAt: { name: 'updated_at', type: 'time' },
} as const;

const COLUMNS: Record<Subject, Partial<Record<Field, Column>>> = {
  user: { ...COMMON, userName: { name: 'user_name_key', type: 'name' }, active: { name: 'active', type: 'boolean' } },
  group: { ...COMMON, displayName: { name: 'display_name_key', type: 'name' } },
};

/** Throws for a field that the subject has no column for: a mistake in the door's table, not in a request. */
export function columnOf(subject: Subject, field: Field): Column {
  const column = COLUMNS[subject][field];
  if (!column) throw new Error(`A ${subject} has no column for ${field}`);
  return column;
}

/** A value below `base` as jsonb and as text. Keys are names of a schema, never a client's text. */
export function jsonOf(base: string, path: readonly string[]): { json: string; text: string } {
  const last = path.at(-1);
  if (last === undefined) return { json: base, text: `(${base} #>> '{}')` };
  const parent = path.slice(0, -1).reduce((json, key) => `${json} -> ${literal(key)}`, base);
  return { json: `(${parent} -> ${literal(last)})`, text: `(${parent} ->> ${literal(last)})` };
}

/** A name as SQL text; throws for anything that is not shaped like an attribute name or URN. */
export function literal(name: string): string {
  if (!/^[\w$:.\-/]+$/.test(name)) throw new Error(`Not an attribute name: ${name}`);
  return `'${name}'`;
}

const DATE_TIME = String.raw`'^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,12})?(Z|[+-](0\d|1[0-4]):[0-5]\d)?$'`;

/**
 * A dateTime text as `YYYY-MM-DDThh:mm:ss.fffffffffZ`, so that comparing texts compares instants; null where it is none. To the
 * nanosecond, of which a timestamp would round away the last three digits. The day is added to the first of the month, because a cast
 * would throw for the 31st of a shorter month; without an offset it is taken as UTC.
 */
export const timeOf = (text: string): string =>
  `CASE WHEN upper(${text}) ~ ${DATE_TIME} THEN
    to_char((substr(${text}, 1, 7) || '-01T' || substr(${text}, 12, 8)
        || CASE WHEN ${text} ~ '[+-]..:..$' THEN right(${text}, 6) ELSE 'Z' END)::timestamptz AT TIME ZONE 'UTC'
      + (substr(${text}, 9, 2)::integer - 1) * interval '24 hours', 'YYYY-MM-DD"T"HH24:MI:SS')
    || '.' || rpad(left(coalesce(substring(${text} from '\\.(\\d+)'), ''), 9), 9, '0') || 'Z' END`;
