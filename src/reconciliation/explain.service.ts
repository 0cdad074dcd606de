import { Inject, Injectable } from '@nestjs/common';
import { HistoryReader } from '../audit/history.reader.js';
import { RecordsReader, type StoredAuditEntry, type StoredSignIn } from '../audit/records.reader.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import { EventsReader, type StoredEvent } from '../outbox/events.reader.js';
import { explain, type DecidingSignIn, type Explanation } from './explain.js';
import { USER_ACTIONS } from './rebuild.js';

/** One thing that happened to a person, from one of the three records. */
export type Happening =
  | { readonly kind: 'sign-in'; readonly id: string; readonly at: Date; readonly record: StoredSignIn }
  | { readonly kind: 'change'; readonly id: string; readonly at: Date; readonly record: StoredAuditEntry }
  | { readonly kind: 'event'; readonly id: string; readonly at: Date; readonly record: StoredEvent };

/** Why somebody has what they have, and what happened to them: gathers the facts. Rules: explain. */
@Injectable()
export class ExplainService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(HistoryReader) private readonly log: HistoryReader,
    @Inject(RecordsReader) private readonly records: RecordsReader,
    @Inject(EventsReader) private readonly events: EventsReader,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
  ) {}

  /** Throws NotFoundError. */
  async explain(organizationId: string, id: string): Promise<Explanation> {
    const connections = await this.connections.list(organizationId);
    return this.unitOfWork.look(async (db) => {
      const user = await this.directory.user(db, organizationId, id);
      if (!user) throw new NotFoundError('user', id);
      const { roles } = await this.tenants.organization(db, organizationId);
      const log = {
        memberships: await this.log.membershipsOf(db, organizationId, id),
        user: await this.log.roleChangesOf(db, organizationId, id, USER_ACTIONS),
      };
      const bySignIn = [...log.memberships, ...log.user].filter(({ actorKind }) => actorKind === 'sign-in');
      const instants = [...new Set(bySignIn.map(({ at }) => at.toISOString()))];
      const signIns = await this.records.signInsAt(db, organizationId, id, instants);
      const memberships = await this.directory.membershipsOf(db, organizationId, id);
      return explain({ user, roles, memberships, log, signIns: signIns.flatMap(toDeciding), connections });
    });
  }

  /** Sign-ins, changes and events in one line, newest first; ids of all three go with time. `after`: the last one seen. */
  async timeline(
    organizationId: string,
    userId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<Happening[]> {
    const db = this.unitOfWork.read;
    const [signIns, changes, events] = await Promise.all([
      this.records.signInsOf(db, organizationId, userId, page),
      this.records.entriesAbout(db, organizationId, userId, page),
      this.events.events(db, organizationId, { ...page, subjectId: userId }),
    ]);
    return [
      ...signIns.map((record): Happening => ({ kind: 'sign-in', id: record.id, at: record.at, record })),
      ...changes.map((record): Happening => ({ kind: 'change', id: record.id, at: record.at, record })),
      ...events.map((record): Happening => ({ kind: 'event', id: record.id, at: record.occurredAt, record })),
    ]
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, page.limit);
  }
}

/** A recovery code decides nothing about groups and role. */
function toDeciding({ id, connectionId, at, correlationId, claims, decision }: StoredSignIn): DecidingSignIn[] {
  if (connectionId === null) return [];
  const { groups } = decision as { groups?: { plan?: DecidingSignIn['plan'] } | string };
  const plan = typeof groups === 'object' ? (groups.plan ?? null) : null;
  return [{ id, connectionId, at, correlationId, claims: claims as DecidingSignIn['claims'], plan }];
}
