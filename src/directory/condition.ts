/**
 * A neutral search tree over people and groups: what a door asks the directory, without a word of its protocol. Rendered by
 * condition-to-sql and nowhere else.
 */

/** Fields with a column of their own. Names compare without case, ids and externalId with case. */
export type Column = 'id' | 'userName' | 'externalId' | 'active' | 'displayName' | 'createdAt' | 'updatedAt';

export type ValueType = 'string' | 'number' | 'boolean' | 'dateTime';

export type Operand =
  | { readonly kind: 'column'; readonly column: Column }
  | {
      /** A value of the JSON document, or inside `some` of the element at hand. */
      readonly kind: 'json';
      /** Keys from the document or element downwards; empty: the element itself. */
      readonly path: readonly string[];
      readonly type: ValueType;
      /** Only strings ask. */
      readonly caseExact: boolean;
    }
  | {
      /** A text made of `prefix` and the id of the person or group at hand. */
      readonly kind: 'address';
      readonly prefix: string;
    }
  | {
      /** What is shown of the person whom the manager of a user names: see manager-to-sql. */
      readonly kind: 'manager-name';
    }
  | { readonly kind: 'manager-address'; readonly prefix: string }
  | {
      /** The version as it is shown (see user-version) between two texts. */
      readonly kind: 'version';
      readonly before: string;
      readonly after: string;
    };

export type Comparison = 'equal' | 'contains' | 'startsWith' | 'endsWith' | 'greater' | 'atLeast' | 'less' | 'atMost';

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  /** Where there is no value, no comparison holds. */
  | {
      readonly kind: 'compare';
      readonly operand: Operand;
      readonly comparison: Comparison;
      /** A dateTime as `YYYY-MM-DDThh:mm:ss.fffffffffZ`. */
      readonly value: string | number | boolean;
    }
  /**
   * Who has this value of an attribute that is unique, found by the index. It folds case a little differently than
   * a comparison does, so it stands beside the comparison that it makes quick, and never alone.
   */
  | {
      readonly kind: 'unique';
      readonly attribute: string;
      readonly value: string | number;
      readonly caseExact: boolean;
    }
  /** There is a value, and it holds something: no empty text, list or object. */
  | { readonly kind: 'present'; readonly operand: Operand }
  /** One element of the JSON list at `path` (of the document, or of the element at hand) fulfils the whole condition. */
  | { readonly kind: 'some'; readonly path: readonly string[]; readonly condition: Condition }
  /** One of a user's groups, or one of a group's members, fulfils the whole condition. */
  | { readonly kind: 'related'; readonly condition: Condition };

/** Where a search sorts: one value of each person or group. */
export type SortKey =
  | Operand
  /** The same for everybody of a kind. */
  | { readonly kind: 'text'; readonly text: string }
  /** Of the first one, in the order of ids, of a user's groups or of a group's members. */
  | { readonly kind: 'related'; readonly key: SortKey }
  | {
      /** `path` below the primary element of the list, or below the first one. */
      readonly kind: 'list';
      readonly list: readonly string[];
      readonly path: readonly string[];
      readonly type: ValueType;
      readonly caseExact: boolean;
    };

export const EVERYTHING: Condition = { kind: 'constant', value: true };
export const NOTHING: Condition = { kind: 'constant', value: false };

/** All of them; `all([])` is everything. */
export const all = (...conditions: Condition[]): Condition => combine('all', conditions);
/** One of them; `any([])` is nothing. */
export const any = (...conditions: Condition[]): Condition => combine('any', conditions);
export const not = (condition: Condition): Condition =>
  condition.kind === 'constant' ? (condition.value ? NOTHING : EVERYTHING) : { kind: 'not', condition };

function combine(kind: 'all' | 'any', conditions: readonly Condition[]): Condition {
  const neutral = kind === 'all';
  const telling = conditions.filter((condition) => condition.kind !== 'constant' || condition.value !== neutral);
  const decided = telling.find((condition) => condition.kind === 'constant');
  if (decided) return decided;
  if (telling.length === 0) return neutral ? EVERYTHING : NOTHING;
  return telling.length === 1 ? telling[0]! : { kind, conditions: telling };
}
