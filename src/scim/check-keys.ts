/** What people and groups are found by must fit into an index of the database (limit keyBytes). Throws ScimError invalidValue. */
import { fitsIndex, nameFitsIndex } from '../directory/name-key.js';
import { emailKeysOf } from '../directory/rows.js';
import type { GroupDocument, UserDocument } from '../reconciliation/changes.js';
import { nameOfLimit } from './protocol/limits.js';
import { invalidValue } from './protocol/scim-error.js';

export function checkUserKeys({ userName, externalId, attributes }: UserDocument): void {
  demand('userName', nameFitsIndex(userName));
  demand('externalId', fitsIndex(externalId ?? ''));
  demand('emails.value', emailKeysOf(attributes, (email) => email).every(nameFitsIndex));
}

export function checkGroupKeys({ displayName, externalId }: GroupDocument): void {
  demand('displayName', nameFitsIndex(displayName));
  demand('externalId', fitsIndex(externalId ?? ''));
}

function demand(name: string, fits: boolean): void {
  if (!fits) throw invalidValue(`"${name}" is too long ${nameOfLimit('keyBytes')}.`);
}
