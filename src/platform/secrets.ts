import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isUuid } from './ids.js';

/**
 * Opaque secrets handed to clients: `<prefix><organization><secret><checksum>`, all hexadecimal or base64url after the prefix.
 * - The organization travels in the token, so that it is looked up inside its organization (rule R8).
 * - The checksum lets a mistyped or invented token be refused before the database is asked; it is no protection.
 * - Only the SHA-256 is stored: 256 random bits need no slow hash.
 */
export const TOKEN_PREFIXES = {
  scim: 'rc_scim_',
  access: 'rc_access_',
  secret: 'rc_secret_',
  session: 'rc_sess_',
  admin: 'rc_admin_',
} as const;
export type TokenKind = keyof typeof TOKEN_PREFIXES;

/** Organization part of tokens that belong to the whole server (admin). */
export const NO_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

export interface MintedToken {
  /** Shown once. */
  readonly token: string;
  readonly hash: Buffer;
  /** The last four characters of the secret part, for recognising a token in a list. */
  readonly lastFour: string;
}

export function mintToken(kind: TokenKind, organizationId: string = NO_ORGANIZATION): MintedToken {
  const organization = Buffer.from(organizationId.replaceAll('-', ''), 'hex').toString('base64url');
  const body = organization + randomBytes(32).toString('base64url');
  const token = TOKEN_PREFIXES[kind] + body + checksum(body);
  return { token, hash: hashToken(token), lastFour: token.slice(-4) };
}

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The organization a well-formed token belongs to and its hash; undefined when it cannot be one of ours. */
export function parseToken(kind: TokenKind, token: unknown): { organizationId: string; hash: Buffer } | undefined {
  const prefix = TOKEN_PREFIXES[kind];
  if (typeof token !== 'string' || !token.startsWith(prefix) || token.length !== prefix.length + 22 + 43 + 6) {
    return undefined;
  }
  const body = token.slice(prefix.length, -6);
  if (!/^[A-Za-z0-9_-]+$/.test(body) || checksum(body) !== token.slice(-6)) return undefined;
  const hex = Buffer.from(body.slice(0, 22), 'base64url').toString('hex');
  const organizationId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isUuid(organizationId) ? { organizationId, hash: hashToken(token) } : undefined;
}

/** A random opaque value without structure, for RelayState, cookies of one sign-in and the like. */
export const randomOpaque = (bytes = 32): string => randomBytes(bytes).toString('base64url');

const checksum = (body: string): string => crc32(body).toString(36).padStart(7, '0').slice(-6);
