import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';

/** A connection over which people can sign in now, as the sign-in page shows it. */
export interface WayIn {
  readonly id: string;
  readonly name: string;
}

/** An organization, and how its people sign in; those of a domain may have a way of their own. */
export interface HomeRealm {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** In the order in which the connections were made. */
  readonly ways: readonly WayIn[];
}

interface Row {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly connectionId: string | null;
  readonly connectionName: string | null;
  readonly chosen: boolean;
}

const COLUMNS = `o.id, o.slug, o.name, c.id AS "connectionId", c.name AS "connectionName"`;
const USABLE = `LEFT JOIN connections c ON c.organization_id = o.id AND c.enabled AND c.saml IS NOT NULL
  AND (c.metadata_valid_until IS NULL OR c.metadata_valid_until > $2)`;
/** Nobody chooses among more. */
const MOST_WAYS = 50;

/**
 * Finds where people sign in: by the domain of their e-mail address, or by the slug in their company's link. It never looks at people,
 * so that its answers say nothing of them; each answer is one statement, found or not.
 */
@Injectable()
export class HomeRealmReader {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The organization that has verified the domain. The connection an operator chose for the domain is the only way while it can be used. */
  async ofDomain(domain: string): Promise<HomeRealm | undefined> {
    const rows = await this.unitOfWork.read.query<Row>(
      `SELECT ${COLUMNS}, coalesce(c.id = d.connection_id, false) AS chosen FROM verified_domains v
       JOIN domains d ON d.organization_id = v.organization_id AND d.domain = v.domain
       JOIN organizations o ON o.id = v.organization_id ${USABLE}
       WHERE v.domain = $1 ORDER BY chosen DESC, c.id LIMIT ${MOST_WAYS}`,
      [domain, this.clock.now()],
    );
    return toRealm(rows);
  }

  async ofSlug(slug: string): Promise<HomeRealm | undefined> {
    const rows = await this.unitOfWork.read.query<Row>(
      `SELECT ${COLUMNS}, false AS chosen FROM organizations o ${USABLE} WHERE o.slug = $1 ORDER BY c.id LIMIT ${MOST_WAYS}`,
      [slug, this.clock.now()],
    );
    return toRealm(rows);
  }
}

function toRealm(rows: readonly Row[]): HomeRealm | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const shown = first.chosen ? [first] : rows;
  const ways = shown.flatMap(({ connectionId, connectionName }) =>
    connectionId === null ? [] : [{ id: connectionId, name: connectionName! }],
  );
  return { id: first.id, slug: first.slug, name: first.name, ways };
}
