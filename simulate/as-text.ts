/** A value of JSON as text; nothing, null and an empty text are one (RFC 7643 section 2.5). */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
