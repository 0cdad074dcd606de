import type { KeyObject } from 'node:crypto';

/** Keys are used for one thing, so that each can be turned over, and lost, without the other. */
export type KeyUse = 'signing' | 'encryption';

/**
 * - `next`: published, not used yet: for the IdP to learn it.
 * - `active`: signs; is what IdPs should encrypt for.
 * - `previous`: was active; stays published and still decrypts until it is retired.
 * - `retired`: not published, its private key is gone.
 */
export type KeyState = 'next' | 'active' | 'previous' | 'retired';

/** A key of the service provider that a connection is, without its private half. */
export interface SpKey {
  readonly id: string;
  readonly connectionId: string;
  readonly use: KeyUse;
  readonly state: KeyState;
  /** PEM. */
  readonly certificate: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
  readonly retiredAt: Date | null;
}

/** With the private half, as an object that shows nothing of itself where it is printed. */
export interface SpKeyPair {
  readonly id: string;
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

/** What the vault seals a private half for. */
export const purposeOf = (id: string): string => `sp-key ${id}`;

/** The order of live keys in statements. */
export const LIKELIEST_FIRST = `array_position(ARRAY['active', 'next', 'previous'], state)`;
