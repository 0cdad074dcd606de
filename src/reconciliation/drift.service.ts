import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import type { GroupRef, User } from '../directory/directory-types.js';
import { DriftReader, type AssertedPerson, type LastAssertion } from '../directory/drift.reader.js';
import type { Connection } from '../organizations/connection.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import type { LoginClaims } from './changes.js';
import { compareWithAssertion, indexGroups, valuesOf } from './compare-assertions.js';
import { DRIFT_KINDS, kindsOf, type Drift, type DriftKind } from './describe-drift.js';

/** A person, and where their last assertion disagrees with SCIM state. */
export interface PersonDrift {
  readonly user: User;
  /** None: nothing disagrees. */
  readonly kinds: readonly DriftKind[];
  /** null: no IdP has asserted them, or nobody but sign-ins and operators decides about them. */
  readonly assertion: LastAssertion | null;
  readonly profile: Drift['profile'];
  readonly groups: {
    readonly assertedOnly: readonly GroupRef[];
    readonly storedOnly: readonly GroupRef[];
    readonly unknown: readonly string[];
  };
}

export interface WantedDrift {
  readonly connectionId?: string | undefined;
  readonly kind?: DriftKind | undefined;
  /** Asserted at this instant or later. */
  readonly since?: Date | undefined;
}

/** How many people there are, and with drift of each kind; one person may count for several. */
export interface DriftCounts {
  readonly compared: number;
  readonly people: number;
  readonly kinds: Readonly<Record<DriftKind, number>>;
}

/** People who are read and compared at once. */
const BLOCK = 1000;
/** Blocks one page looks through, so that a page without a find is answered too. */
const BLOCKS_A_PAGE = 20;

/**
 * drift(organization) (design section 7): people whose last assertion disagrees with SCIM state. Compared at the moment of reading, by the
 * planner of sign-ins and describe-drift; nothing is kept. A block of people is one moment of the database.
 */
@Injectable()
export class DriftService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DriftReader) private readonly reader: DriftReader,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
  ) {}

  /** `next`: where the next page begins. A page may hold less than asked for, even nothing, and still have a next one. */
  async page(
    organizationId: string,
    wanted: WantedDrift,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ found: PersonDrift[]; next: string | null }> {
    const found: PersonDrift[] = [];
    let blocks = 0;
    for await (const { drifts, next } of this.blocks(organizationId, wanted, after ?? null)) {
      found.push(...drifts);
      if (found.length > limit) return { found: found.slice(0, limit), next: found[limit - 1]!.user.id };
      if (++blocks === BLOCKS_A_PAGE) return { found, next };
    }
    return { found, next: null };
  }

  async *all(organizationId: string, wanted: WantedDrift): AsyncGenerator<PersonDrift> {
    for await (const { drifts } of this.blocks(organizationId, wanted, null)) yield* drifts;
  }

  async counts(organizationId: string, wanted: WantedDrift = {}): Promise<DriftCounts> {
    const kinds = Object.fromEntries(DRIFT_KINDS.map((kind) => [kind, 0])) as Record<DriftKind, number>;
    let compared = 0;
    let people = 0;
    for await (const block of this.blocks(organizationId, wanted, null)) {
      compared += block.compared;
      people += block.drifts.length;
      for (const drift of block.drifts) for (const kind of drift.kinds) kinds[kind]++;
    }
    return { compared, people, kinds };
  }

  /** One person's. Throws NotFoundError. */
  async of(organizationId: string, userId: string): Promise<PersonDrift> {
    const connections = await this.connectionsOf(organizationId);
    return this.unitOfWork.look(async (db) => {
      const { people } = await this.reader.block(db, organizationId, { after: null, size: 1, userId });
      if (people.length > 0) return (await this.compare(db, organizationId, connections, people))[0]!;
      const user = await this.directory.user(db, organizationId, userId);
      if (!user) throw new NotFoundError('user', userId);
      return { user, kinds: [], assertion: null, profile: {}, groups: NO_GROUPS };
    });
  }

  private async *blocks(organizationId: string, { kind, connectionId, since }: WantedDrift, from: string | null) {
    const connections = await this.connectionsOf(organizationId);
    for (let after = from, isLast = false; !isLast;) {
      const block = await this.unitOfWork.look(async (db) => {
        const page = { after, size: BLOCK, connectionId, since };
        const { people, next } = await this.reader.block(db, organizationId, page);
        const compared = await this.compare(db, organizationId, connections, people);
        const drifts = compared.filter(({ kinds }) => (kind === undefined ? kinds.length > 0 : kinds.includes(kind)));
        return { compared: people.length, drifts, next };
      });
      yield block;
      after = block.next;
      isLast = block.next === null;
    }
  }

  /** Two statements for all of the people. */
  private async compare(
    db: Snapshot,
    organizationId: string,
    connections: ReadonlyMap<string, Connection>,
    people: readonly AssertedPerson[],
  ): Promise<PersonDrift[]> {
    const active = people.filter(({ user }) => user.active);
    const values = valuesOf(active.map(({ assertion }) => claimsOf(assertion)));
    const personIds = active.map(({ user }) => user.id);
    const memberships = personIds.length === 0 ? [] : await this.reader.memberships(db, organizationId, personIds);
    const mapped = [...connections.values()].flatMap(({ provisioning }) => provisioning.groupMapping);
    const named = { ...values, ids: unique([...memberships, ...mapped].map(({ groupId }) => groupId)) };
    const groups = indexGroups(
      personIds.length === 0 ? [] : await this.reader.groups(db, organizationId, named),
      memberships,
    );
    return people.map(({ user, assertion }): PersonDrift => {
      if (!user.active) return { user, kinds: ['active'], assertion, profile: {}, groups: NO_GROUPS };
      const drift = compareWithAssertion(connections.get(assertion.connectionId)!, user, claimsOf(assertion), groups);
      const toRefs = (ids: readonly string[]) => ids.map((id) => groups.ref(id));
      const assertedOnly = toRefs(drift.groups.assertedOnly);
      const storedOnly = toRefs(drift.groups.storedOnly);
      const { profile } = drift;
      return { user, kinds: kindsOf(drift), assertion, profile, groups: { ...drift.groups, assertedOnly, storedOnly } };
    });
  }

  private async connectionsOf(organizationId: string): Promise<ReadonlyMap<string, Connection>> {
    const list = await this.connections.list(organizationId);
    return new Map(list.map((connection) => [connection.id, connection]));
  }
}

const NO_GROUPS = { assertedOnly: [], storedOnly: [], unknown: [] };
const claimsOf = ({ claims }: LastAssertion) => claims as LoginClaims;
const unique = (list: readonly string[]): string[] => [...new Set(list)];
