import { isUuid } from '../platform/ids.js';

/** The OAuth name of a SCIM client: its organization and its id, so that it is looked up inside its organization (rule R8). No secret. */
export interface ClientName {
  readonly organizationId: string;
  readonly id: string;
}

const PREFIX = 'rc_client_';

export const toClientId = ({ organizationId, id }: ClientName): string =>
  PREFIX + Buffer.from((organizationId + id).replaceAll('-', ''), 'hex').toString('base64url');

/** undefined: it cannot be one of ours. */
export function parseClientId(text: string): ClientName | undefined {
  if (!/^rc_client_[A-Za-z0-9_-]{43}$/.test(text)) return undefined;
  const hex = Buffer.from(text.slice(PREFIX.length), 'base64url').toString('hex');
  const toUuid = (part: string) => part.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const name = { organizationId: toUuid(hex.slice(0, 32)), id: toUuid(hex.slice(32)) };
  return isUuid(name.organizationId) && isUuid(name.id) && toClientId(name) === text ? name : undefined;
}
