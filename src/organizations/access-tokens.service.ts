import { Inject, Injectable } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import type { Queryable } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { hashToken, mintToken } from '../platform/secrets.js';
import type { AllowedAddresses } from './allowed-addresses.js';
import type { ClientName } from './client-id.js';

/** A client whose credentials are judged. */
export interface TokenClient extends ClientName {
  readonly jwks: JSONWebKeySet | null;
  readonly allowedAddresses: AllowedAddresses;
  readonly lastRefusedAt: Date | null;
}

/** How a client proved who it is. */
export type Proof = { readonly secretId: string } | { readonly assertion: UsedAssertion };

/** A signed assertion that identified the client, to be used once. */
export interface UsedAssertion {
  readonly jti: string;
  /** After this no clock skew can make it valid again. */
  readonly expiresAt: Date;
}

export const ACCESS_TOKEN_SECONDS = 30 * 60;

const COLUMNS = `k.organization_id AS "organizationId", k.id, k.jwks, k.allowed_addresses AS "allowedAddresses",
  k.last_refused_at AS "lastRefusedAt"`;

/** Owns access_tokens and used_client_assertions: short-lived bearer tokens of SCIM clients, opaque and stored as hashes. */
@Injectable()
export class AccessTokens {
  constructor(@Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork) {}

  /** The living client with this living secret. One statement, whatever of it is wrong. */
  async clientWithSecret(
    name: ClientName,
    secretHash: Buffer,
    now: Date,
  ): Promise<(TokenClient & { secretId: string }) | undefined> {
    const [client] = await this.unitOfWork.read.query<TokenClient & { secretId: string }>(
      `SELECT ${COLUMNS}, s.id AS "secretId" FROM client_secrets s
       JOIN scim_clients k ON k.organization_id = s.organization_id AND k.id = s.client_id
       WHERE s.organization_id = $1 AND s.secret_hash = $2 AND s.client_id = $3 AND k.revoked_at IS NULL
         AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $4)`,
      [name.organizationId, secretHash, name.id, now],
    );
    return client;
  }

  /** The living client of this name, if it has keys. */
  async clientWithKeys(name: ClientName): Promise<(TokenClient & { jwks: JSONWebKeySet }) | undefined> {
    const [client] = await this.unitOfWork.read.query<TokenClient & { jwks: JSONWebKeySet }>(
      `SELECT ${COLUMNS} FROM scim_clients k
       WHERE k.organization_id = $1 AND k.id = $2 AND k.jwks IS NOT NULL AND k.revoked_at IS NULL`,
      [name.organizationId, name.id],
    );
    return client;
  }

  /** A new token; undefined when the assertion has been used before, on whichever node. */
  async issue({ organizationId, id }: ClientName, proof: Proof, now: Date): Promise<string | undefined> {
    return this.unitOfWork.run(async (tx) => {
      if ('assertion' in proof) {
        const { assertion } = proof;
        const fresh = await tx.execute(
          `INSERT INTO used_client_assertions (organization_id, client_id, jti_hash, expires_at)
           VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
          [organizationId, id, hashToken(assertion.jti), assertion.expiresAt],
        );
        if (fresh === 0) return undefined;
      }
      const { token, hash } = mintToken('access', organizationId);
      const expiresAt = new Date(now.getTime() + ACCESS_TOKEN_SECONDS * 1000);
      await tx.execute(
        `INSERT INTO access_tokens (organization_id, token_hash, client_id, secret_id, expires_at)
         VALUES ($1, $2, $3, $4, $5)`,
        [organizationId, hash, id, 'secretId' in proof ? proof.secretId : null, expiresAt],
      );
      return token;
    });
  }

  /** Deletes what can be used no more, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM access_tokens WHERE expires_at < $1`, [now]);
    await db.execute(`DELETE FROM used_client_assertions WHERE expires_at < $1`, [now]);
  }
}
