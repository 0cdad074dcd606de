import { toClientId } from '../../organizations/client-id.js';
import type { ScimClient } from '../../organizations/scim-clients.service.js';
import type { ScimClientView } from './scim-client.view.js';

const orNull = (at: Date | null): string | null => at?.toISOString() ?? null;

/** `base`: the public address of this server. */
export const toScimClientView = (client: ScimClient, base: string): ScimClientView => ({
  id: client.id,
  clientId: toClientId(client),
  connectionId: client.connectionId,
  name: client.name,
  method: client.jwks ? 'private_key_jwt' : 'client_secret',
  jwks: client.jwks,
  secrets: client.secrets.map(({ id, lastFour, createdAt, expiresAt }) => ({
    id,
    lastFour,
    createdAt: createdAt.toISOString(),
    expiresAt: orNull(expiresAt),
  })),
  allowedAddresses: client.allowedAddresses,
  tokenEndpoint: `${base}/oauth/token`,
  createdAt: client.createdAt.toISOString(),
  lastUsedAt: orNull(client.lastUsedAt),
  lastRefusedAt: orNull(client.lastRefusedAt),
  lastRefusedAddress: client.lastRefusedAddress,
  revokedAt: orNull(client.revokedAt),
});
