import type { DetailAttribute } from '../sessions/sign-in-detail.js';
import type { SamlAttributes } from './protocol/read-attributes.js';

/**
 * What is kept of a sign-in for operators may be read by more people than the assertion was meant for. Of values that look like a
 * secret, by the name of the attribute or by themselves, the first characters stay; long texts and long lists are cut. The document and
 * its signature are never kept.
 */

const SECRET_NAME = /token(?!groups)|secret|passw|credential|api[-_.]?key|private[-_.]?key|cookie/i;
/** A JWT, PEM, a long run of base64 or of hexadecimal digits. */
const SECRET_VALUE = /^eyJ[\w-]{8,}|-----BEGIN |^[A-Za-z0-9+/_=-]{80,}$|^[0-9a-f]{64,}$/i;

const SHOWN_OF_SECRET = 4;
const LONGEST_TEXT = 300;
const MOST_VALUES = 200;
const MOST_ATTRIBUTES = 200;

export function redactAttributes(attributes: SamlAttributes): DetailAttribute[] {
  return [...attributes.values()].slice(0, MOST_ATTRIBUTES).map(({ name, friendlyName, values }) => {
    const shown = redactValues(`${name} ${friendlyName ?? ''}`, values);
    return {
      name: cut(name),
      friendlyName: friendlyName === undefined ? null : cut(friendlyName),
      values: shown,
      shortened: shown.length !== values.length || shown.some((value, index) => value !== values[index]),
    };
  });
}

/** Values of an attribute of this name. */
export function redactValues(name: string, values: readonly string[]): string[] {
  const secret = SECRET_NAME.test(name);
  const shown = values.slice(0, MOST_VALUES).map((value) => (secret ? shorten(value) : redactText(value)));
  return values.length > MOST_VALUES ? [...shown, `… and ${values.length - MOST_VALUES} more`] : shown;
}

/** Texts anywhere in a value; the rest of it stays. */
export function redactDeeply(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, MOST_VALUES).map(redactDeeply);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cut(key), redactDeeply(inner)]));
}

const redactText = (text: string): string => (SECRET_VALUE.test(text) ? shorten(text) : cut(text));

const shorten = (text: string): string =>
  text.length <= SHOWN_OF_SECRET ? '…' : `${text.slice(0, SHOWN_OF_SECRET)}… (${text.length} characters)`;

const cut = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
