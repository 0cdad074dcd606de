import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import { UnitOfWork, constraintOf, sqlState } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { sameJson } from '../platform/same-json.js';
import type { Organization } from './connection.js';
import { TenantError } from './tenant-error.js';

export interface NewOrganization {
  readonly slug: string;
  readonly name: string;
  readonly roles?: readonly string[];
  readonly sessionLifetimeSeconds?: number;
  readonly sessionIdleSeconds?: number | null;
}

const DEFAULT_ROLES = ['admin', 'member'];
const DEFAULT_SESSION_SECONDS = 2 * 60 * 60;
const MOST_SESSION_SECONDS = 90 * 24 * 60 * 60;
/** Above the minute to which the last use of a session is known (sessions/). */
const LEAST_IDLE_SECONDS = 5 * 60;

const COLUMNS = `id, slug, name, roles, session_lifetime_seconds AS "sessionLifetimeSeconds",
  session_idle_seconds AS "sessionIdleSeconds"`;

/** Owns organizations. Throws TenantError. */
@Injectable()
export class OrganizationsService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  async create(wanted: NewOrganization, actor: Actor): Promise<Organization> {
    checkSettings(wanted);
    const organization: Organization = {
      id: newId(),
      slug: wanted.slug,
      name: wanted.name,
      roles: wanted.roles ?? DEFAULT_ROLES,
      sessionLifetimeSeconds: wanted.sessionLifetimeSeconds ?? DEFAULT_SESSION_SECONDS,
      sessionIdleSeconds: wanted.sessionIdleSeconds ?? null,
    };
    const at = this.clock.now();
    await this.unitOfWork.run(async (tx) => {
      await slugFree(organization.slug, () =>
        tx.execute(
          `INSERT INTO organizations (id, slug, name, roles, session_lifetime_seconds, session_idle_seconds, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
          [
            organization.id,
            organization.slug,
            organization.name,
            organization.roles,
            organization.sessionLifetimeSeconds,
            organization.sessionIdleSeconds,
            at,
          ],
        ),
      );
      const { slug, name, roles, sessionLifetimeSeconds, sessionIdleSeconds } = organization;
      await this.record(tx, organization.id, at, actor, 'organization.created', {
        slug: [null, slug],
        name: [null, name],
        roles: [null, roles],
        sessionLifetimeSeconds: [null, sessionLifetimeSeconds],
        ...(sessionIdleSeconds === null ? {} : { sessionIdleSeconds: [null, sessionIdleSeconds] }),
      });
    });
    return organization;
  }

  /** By id or slug. */
  async find(idOrSlug: string): Promise<Organization | undefined> {
    const [row] = await this.unitOfWork.read.query<Organization>(
      `SELECT ${COLUMNS} FROM organizations WHERE ${isUuid(idOrSlug) ? 'id = $1::uuid' : 'slug = $1'}`,
      [idOrSlug],
    );
    return row;
  }

  /** In the order of creation. */
  async list(after: string | undefined, limit: number): Promise<Organization[]> {
    return this.unitOfWork.read.query<Organization>(
      `SELECT ${COLUMNS} FROM organizations WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`,
      [after ?? null, limit],
    );
  }

  /** Roles in use by people, groups or connections cannot be taken away. */
  async update(id: string, wanted: Partial<NewOrganization>, actor: Actor): Promise<Organization> {
    checkSettings(wanted);
    const at = this.clock.now();
    return this.unitOfWork.run(async (tx) => {
      const [current] = await tx.query<Organization>(
        `SELECT ${COLUMNS} FROM organizations WHERE id = $1 FOR NO KEY UPDATE`,
        [id],
      );
      if (!current) throw new TenantError('not-found', `No organization ${id}`);
      const next: Organization = {
        id,
        slug: wanted.slug ?? current.slug,
        name: wanted.name ?? current.name,
        roles: wanted.roles ?? current.roles,
        sessionLifetimeSeconds: wanted.sessionLifetimeSeconds ?? current.sessionLifetimeSeconds,
        sessionIdleSeconds:
          wanted.sessionIdleSeconds === undefined ? current.sessionIdleSeconds : wanted.sessionIdleSeconds,
      };
      const gone = current.roles.filter((role) => !next.roles.includes(role));
      const [used] = await tx.query<{ role: string }>(
        `SELECT role FROM users WHERE organization_id = $1 AND role = ANY($2::text[]) AND deleted_at IS NULL
         UNION ALL SELECT role FROM groups WHERE organization_id = $1 AND role = ANY($2::text[])
         UNION ALL SELECT provisioning->>'defaultRole' FROM connections
           WHERE organization_id = $1 AND provisioning->>'defaultRole' = ANY($2::text[])
         UNION ALL SELECT entry->>'role' FROM connections,
             jsonb_path_query(provisioning, '$.roleMapping[*]') AS entry
           WHERE organization_id = $1 AND entry->>'role' = ANY($2::text[]) LIMIT 1`,
        [id, gone],
      );
      if (used) throw new TenantError('conflict', `The role "${used.role}" is in use and cannot be removed`);
      await slugFree(next.slug, () =>
        tx.execute(
          `UPDATE organizations SET slug = $2, name = $3, roles = $4, session_lifetime_seconds = $5, session_idle_seconds = $6,
             updated_at = $7 WHERE id = $1`,
          [id, next.slug, next.name, next.roles, next.sessionLifetimeSeconds, next.sessionIdleSeconds, at],
        ),
      );
      const fields = ['slug', 'name', 'roles', 'sessionLifetimeSeconds', 'sessionIdleSeconds'] as const;
      const changed = fields.filter((field) => !sameJson(current[field], next[field]));
      const changes = Object.fromEntries(changed.map((field) => [field, [current[field], next[field]] as const]));
      if (changed.length > 0) await this.record(tx, id, at, actor, 'organization.updated', changes);
      return next;
    });
  }

  private async record(
    tx: Parameters<AuditLog['append']>[0],
    id: string,
    at: Date,
    actor: Actor,
    action: string,
    changes: Record<string, readonly [unknown, unknown]>,
  ): Promise<void> {
    await this.audit.append(tx, id, at, actor, [{ action, targetType: 'organization', targetId: id, changes }]);
  }
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Throws TenantError invalid. */
function checkSettings(wanted: Partial<NewOrganization>): void {
  const { slug, name, roles } = wanted;
  // A slug that looks like an id would name two organizations.
  if (slug !== undefined && (!SLUG.test(slug) || isUuid(slug))) {
    invalid('slug must be 1 to 63 lower-case letters, digits and inner hyphens, and not look like an id');
  }
  if (name !== undefined && name.trim() === '') invalid('name is empty');
  if (roles !== undefined && (roles.length === 0 || roles.some((role) => role.trim() !== role || role === ''))) {
    invalid('roles must be a list of names, the most powerful first');
  }
  // Values of IdPs are matched to roles in any case.
  if (roles !== undefined && new Set(roles.map((role) => role.toLowerCase())).size < roles.length) {
    invalid('roles names one role twice');
  }
  checkSeconds('sessionLifetimeSeconds', wanted.sessionLifetimeSeconds, 60);
  checkSeconds('sessionIdleSeconds', wanted.sessionIdleSeconds ?? undefined, LEAST_IDLE_SECONDS);
}

function checkSeconds(name: string, seconds: number | undefined, least: number): void {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= least && seconds <= MOST_SESSION_SECONDS))
    return;
  invalid(`${name} must be a whole number from ${least} to ${MOST_SESSION_SECONDS}`);
}

function invalid(detail: string): never {
  throw new TenantError('invalid', detail);
}

async function slugFree<T>(slug: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (sqlState(error) === '23505' && constraintOf(error) === 'organizations_slug_key') {
      throw new TenantError('conflict', `The slug "${slug}" is taken`);
    }
    throw error;
  }
}
