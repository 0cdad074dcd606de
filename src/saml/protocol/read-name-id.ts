/** The subject's name (core 2.2.3): a text and nothing but a text, in one spelling. */
import { FORMAT_EMAIL, FORMAT_UNSPECIFIED } from './names.js';
import { reject, type SamlRejection } from './saml-rejection.js';
import { attributeOf, textOf } from './xml.js';

export interface NameId {
  readonly value: string;
  readonly format: string;
  readonly nameQualifier: string;
}

/** Of the name with its format and qualifier, by which one index of the database finds it. */
const MAX_BYTES = 1500;
/** Controls, and characters that are not seen: two NameIDs that look the same must be the same. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function readNameId(element: Element): NameId | SamlRejection {
  return toNameId(textOf(element), attributeOf(element, 'Format'), attributeOf(element, 'NameQualifier'));
}

/** As it was sent, for whoever speaks of it to the IdP. */
export interface SentNameId {
  readonly value: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

export const readSentNameId = (element: Element): SentNameId => ({
  value: textOf(element)?.trim() ?? '',
  format: attributeOf(element, 'Format'),
  nameQualifier: attributeOf(element, 'NameQualifier'),
  spNameQualifier: attributeOf(element, 'SPNameQualifier'),
});

export function toNameId(
  text: string | undefined,
  format = FORMAT_UNSPECIFIED,
  nameQualifier = '',
): NameId | SamlRejection {
  const value = text?.trim().normalize('NFC');
  if (!value) return reject('name-id-invalid', 'NameID is a text', value ?? 'child elements');
  const bytes = Buffer.byteLength(value + format + nameQualifier);
  if (bytes > MAX_BYTES)
    return reject('name-id-invalid', 'bytes of NameID, Format and NameQualifier', bytes, MAX_BYTES);
  if (HIDDEN.test(value)) return reject('name-id-invalid', 'NameID has invisible characters', JSON.stringify(value));
  return {
    // E-mail addresses are told apart without case by every IdP that sends them as NameID; all other names exactly.
    value: format === FORMAT_EMAIL ? value.toLowerCase() : value,
    format,
    nameQualifier,
  };
}
