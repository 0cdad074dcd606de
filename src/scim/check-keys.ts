/** What people and groups are found by must fit into an index of the database. Throws ScimError invalidValue. */
import type { Attributes } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import { emailKeysOf } from '../directory/rows.js';
import type { GroupDocument, UserDocument } from '../reconciliation/changes.js';
import { LIMITS, nameOfLimit } from './protocol/limits.js';
import { invalidValue } from './protocol/scim-error.js';

export function checkUserKeys({ userName, externalId, attributes }: UserDocument): void {
  check('userName', nameKey(userName));
  check('externalId', externalId ?? '');
  for (const key of longKeysOf(attributes)) check('emails.value', key);
}

export function checkGroupKeys({ displayName, externalId }: GroupDocument): void {
  check('displayName', nameKey(displayName));
  check('externalId', externalId ?? '');
}

function check(name: string, key: string): void {
  if (Buffer.byteLength(key) > LIMITS.keyBytes) throw invalidValue(`"${name}" is too long ${nameOfLimit('keyBytes')}.`);
}

/** NFKC makes at most 33 bytes of a character: there may be very many addresses, and few are so long that one has to look. */
const MOST_EXPANSION = 33;
const longKeysOf = (attributes: Attributes): string[] =>
  emailKeysOf(attributes, (email) => (email.length * MOST_EXPANSION > LIMITS.keyBytes ? nameKey(email) : ''));
