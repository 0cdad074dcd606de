import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { RecentMap } from '../platform/recent-map.js';
import { hashToken, parseToken, TOKEN_PREFIXES } from '../platform/secrets.js';
import { isAllowed } from './allowed-addresses.js';
import { ClientNotes, type CredentialUse } from './client-notes.service.js';
import type { Connection } from './connection.js';
import { ConnectionsService } from './connections.service.js';
import { Guesses } from './guesses.js';
import type { LimitedConnection } from './request-limiter.service.js';
import { CONNECTION_COLUMNS, type ConnectionRow } from './to-connection.js';

/** What became of a bearer token that came from somewhere. */
export type Authentication =
  | { readonly outcome: 'recognised'; readonly connection: Connection; readonly credentialId: string }
  | { readonly outcome: 'unknown' }
  /** A live token at an address that its list does not have. */
  | { readonly outcome: 'wrong-address' }
  /** The address has brought too many tokens that were refused; none of it is looked up for so many seconds. */
  | { readonly outcome: 'guessing'; readonly retryAfter: number };

interface CredentialRow extends ConnectionRow {
  /** Of the token, or of the client that an access token was issued to. */
  token_id: string;
  last_used_at: Date | null;
  allowed_addresses: string[] | null;
  last_refused_at: Date | null;
}

const FIND = {
  scim: `SELECT ${CONNECTION_COLUMNS}, t.id AS token_id, t.last_used_at, t.allowed_addresses, t.last_refused_at
    FROM scim_tokens t
    JOIN connections c ON c.organization_id = t.organization_id AND c.id = t.connection_id
    JOIN organizations o ON o.id = t.organization_id
    WHERE t.organization_id = $1 AND t.token_hash = $2 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)`,
  access: `SELECT ${CONNECTION_COLUMNS}, k.id AS token_id, k.last_used_at, k.allowed_addresses, k.last_refused_at
    FROM access_tokens t
    JOIN scim_clients k ON k.organization_id = t.organization_id AND k.id = t.client_id
    JOIN connections c ON c.organization_id = t.organization_id AND c.id = k.connection_id
    JOIN organizations o ON o.id = t.organization_id
    LEFT JOIN client_secrets s ON s.organization_id = t.organization_id AND s.id = t.secret_id
    WHERE t.organization_id = $1 AND t.token_hash = $2 AND k.revoked_at IS NULL AND s.revoked_at IS NULL
      AND t.expires_at > $3`,
} as const;

const UNKNOWN = { outcome: 'unknown' } as const;

/**
 * Recognises bearer tokens of provisioning clients: those that operators hand out, and access tokens that SCIM clients got. What cannot
 * be a token of ours costs no statement, and anything else one.
 * A node remembers the tokens it has seen, by their hashes and where they came from, and the memory opens nothing: whose token it was
 * last time is enough to refuse a client that is too fast, and a token that was none can never become one. Whoever has a token and comes
 * from a wrong address uses up nothing of what the connection may do.
 */
@Injectable()
export class ClientAuthenticator {
  private readonly seen = new RecentMap<LimitedConnection>(10_000);
  private readonly wrong = new RecentMap<true>(10_000);
  private readonly guesses = new Guesses();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(ClientNotes) private readonly notes: ClientNotes,
  ) {}

  async authenticate(token: string, address: string, correlationId: string): Promise<Authentication> {
    const kind = token.startsWith(TOKEN_PREFIXES.access) ? 'access' : 'scim';
    const parsed = parseToken(kind, token);
    if (!parsed) return UNKNOWN;
    const key = parsed.hash.toString('base64');
    if (this.wrong.get(key)) return UNKNOWN;
    const place = `${key} ${address}`;
    const now = this.clock.now();
    const find = async () =>
      (await this.unitOfWork.read.query<CredentialRow>(FIND[kind], [parsed.organizationId, parsed.hash, now]))[0];
    // A token that was right here before is no guess.
    const found = this.seen.get(place)
      ? { judgement: await find() }
      : await this.guesses.judge(
          address,
          () => this.clock.now(),
          find,
          (row) => row !== undefined && isAllowed(row.allowed_addresses, address),
        );
    if ('retryAfter' in found) return { outcome: 'guessing', retryAfter: found.retryAfter };
    if (!found.judgement) {
      this.seen.delete(place);
      this.wrong.set(key, true);
      return UNKNOWN;
    }
    return this.recognise(found.judgement, kind, parsed.organizationId, place, { address, at: now, correlationId });
  }

  private async recognise(
    row: CredentialRow,
    kind: keyof typeof FIND,
    organizationId: string,
    place: string,
    use: Pick<CredentialUse, 'address' | 'at' | 'correlationId'>,
  ): Promise<Authentication> {
    const credential = { kind: kind === 'access' ? 'scim-client' : 'scim-token', id: row.token_id } as const;
    const used = { organizationId, ...credential, ...use };
    if (!isAllowed(row.allowed_addresses, use.address)) {
      this.seen.delete(place);
      this.notes.refused(used, row.last_refused_at);
      return { outcome: 'wrong-address' };
    }
    this.notes.used(used, row.last_used_at);
    const connection = await this.connections.usable(row);
    this.seen.set(place, toLimited(connection));
    return { outcome: 'recognised', connection, credentialId: row.token_id };
  }

  /** The connection a token from this address spoke for when it was last seen here; it may have been revoked since. */
  lastSeen(token: string, address: string): LimitedConnection | undefined {
    return this.seen.get(`${hashToken(token).toString('base64')} ${address}`);
  }
}

export const toLimited = ({ organizationId, id, provisioning }: Connection): LimitedConnection => ({
  organizationId,
  id,
  requestsPerSecond: provisioning.requestsPerSecond,
});
