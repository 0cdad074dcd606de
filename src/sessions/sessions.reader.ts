import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { isMeant } from './logout-name.js';
import type { LogoutSubject } from './logouts.service.js';
import type { SentName } from './sent-name.js';
import { isLive, LIVE_COLUMNS, type LiveSession } from './live-session.js';

/** A session for a list, with what stands around it. */
export interface ListedSession extends LiveSession {
  readonly userName: string;
  /** Like the connection: null when it was opened with a recovery code. */
  readonly connectionName: string | null;
  readonly nameId: string | null;
  /** What the IdP calls it; null: the IdP gave it no name. */
  readonly sessionIndex: string | null;
}

export interface SessionSubject {
  readonly name: SentName;
  readonly sessionIndex: string | null;
}

export interface SessionSearch {
  readonly userId?: string | undefined;
  readonly connectionId?: string | undefined;
  /** The id of the last one of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Reads which sessions are live. */
@Injectable()
export class SessionsReader {
  /** Newest first. */
  async live(db: Queryable, organizationId: string, search: SessionSearch, now: Date): Promise<ListedSession[]> {
    return db.query<ListedSession>(
      `SELECT ${LIVE_COLUMNS}, u.user_name AS "userName", c.name AS "connectionName", s.name_id AS "nameId", s.session_index AS "sessionIndex"
       FROM sessions s JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id
         LEFT JOIN connections c ON c.organization_id = s.organization_id AND c.id = s.connection_id
       WHERE s.organization_id = $1 AND ${isLive('$2')} AND u.active
         AND ($3::uuid IS NULL OR s.user_id = $3) AND ($4::uuid IS NULL OR s.connection_id = $4) AND ($5::uuid IS NULL OR s.id < $5)
       ORDER BY s.id DESC LIMIT $6`,
      [organizationId, now, search.userId ?? null, search.connectionId ?? null, search.after ?? null, search.limit],
    );
  }

  /** What the IdP knows a session by, live or ended. */
  async subjectOf(db: Queryable, organizationId: string, id: string): Promise<SessionSubject | undefined> {
    // Sessions of before the name was kept as it was sent have it in the spelling by which people are recognised.
    const [row] = await db.query<SessionSubject>(
      `SELECT session_index AS "sessionIndex", COALESCE(sent_name, jsonb_strip_nulls(jsonb_build_object('value', name_id,
         'format', name_id_format, 'nameQualifier', NULLIF(name_qualifier, '')))) AS name
       FROM sessions WHERE organization_id = $1 AND id = $2 AND name_id IS NOT NULL`,
      [organizationId, id],
    );
    return row;
  }

  /** How many live sessions of the subject the IdP gave no name, so that it cannot name them either. */
  async countNameless(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    { value, format, nameQualifiers }: LogoutSubject,
    now: Date,
  ): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM sessions s
       WHERE s.organization_id = $1 AND s.connection_id = $3
         AND ${isMeant({ name: 's.name_id', format: 's.name_id_format' }, { name: '$4::text', format: '$5::text' })}
         AND s.name_qualifier = ANY($6::text[]) AND s.session_index IS NULL AND ${isLive('$2')}`,
      [organizationId, now, connectionId, value, format, nameQualifiers],
    );
    return row!.count;
  }

  /** Is there, or was there not long ago, a session of this id? */
  async exists(db: Queryable, organizationId: string, id: string): Promise<boolean> {
    const rows = await db.query(`SELECT 1 FROM sessions WHERE organization_id = $1 AND id = $2`, [organizationId, id]);
    return rows.length > 0;
  }
}
