import type { DirectoryGroup } from '../directory/directory.js';
import type { Person } from '../directory/person.js';
import type { Json } from '../http/transport.js';
import type { AttributeName, Leaf } from '../protocol/attributes.js';

/** What tells one provisioning client from another: data, and small functions that make the bodies it really sends. */
export interface Profile {
  readonly name: string;
  /** One line for the help. */
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What it asks when somebody presses "test connection"; a text is a path. */
  readonly probe: readonly string[];
  /** Tests the connection with a user and a group of its own, which it deletes again. */
  readonly probesByWriting?: boolean;
  /** Reads these lists to the end when it begins. */
  readonly aggregates?: readonly string[];
  readonly pageSize: number;
  readonly attributes: readonly AttributeName[];
  /** Two people of one e-mail are one to it. */
  readonly matchesByEmail?: boolean;
  readonly users: UserDialect;
  /** Absent: it provisions no groups. */
  readonly groups?: GroupDialect;
}

export interface Operation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

/** A leaf whose value is another one now. */
export interface Change extends Leaf {
  readonly before: Leaf['value'];
}

export interface UserDialect {
  /** Looks for the person before creating them; otherwise only after a conflict. */
  readonly looksUpFirst: boolean;
  /** The query that finds them, with its filter. */
  lookUp(person: Person): string;
  create(leaves: readonly Leaf[]): Json;
  /** Stands behind the id. */
  readonly suffix?: string;
  /** Reads before it writes. */
  readonly readsFirst?: boolean;
  readonly update:
    | { readonly method: 'PUT'; body(leaves: readonly Leaf[], id: string, read: Json | undefined): Json }
    | { readonly method: 'PATCH'; operations(changes: readonly Change[]): Operation[] };
  /** How it deactivates and reactivates; absent: by an ordinary update. */
  readonly activate?: (active: boolean) => Operation;
  /** What becomes of somebody who leaves: most deactivate. */
  readonly leaving: 'deactivate' | 'delete';
  /** Deletes for good those who are gone for long; otherwise they stay deactivated. */
  readonly deletes: boolean;
  /** Can say that an attribute has no value any more. */
  readonly clears: boolean;
  /** After a lost answer it looks up again; otherwise it repeats the request. */
  readonly looksUpAfterLoss: boolean;
}

export interface Member {
  readonly id: string;
  readonly display: string;
}

export interface GroupDialect {
  /** How it finds a group by its name: a filtered query, or all groups. Absent: not at all. */
  readonly lookUp?: (name: string) => string;
  readonly readsAll?: boolean;
  readonly looksUpFirst: boolean;
  create(group: DirectoryGroup): Json;
  readonly sendsExternalId: boolean;
  readonly suffix?: string;
  /** Read before each write: what stands behind the id. */
  readonly readsFirst?: string;
  /** Absent: the name goes with the whole membership. */
  readonly rename?: { readonly method: 'PUT' | 'PATCH'; body(group: DirectoryGroup, id: string): Json };
  readonly members:
    | {
        readonly kind: 'changes';
        /** Most members of one request. */
        readonly perRequest: number;
        operations(change: MemberChange, group: DirectoryGroup, id: string): Operation[];
      }
    | {
        readonly kind: 'whole';
        readonly method: 'PUT' | 'PATCH';
        body(members: readonly Member[], group: DirectoryGroup, id: string): Json;
      };
  readonly deletes: boolean;
}

export interface MemberChange {
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
}
