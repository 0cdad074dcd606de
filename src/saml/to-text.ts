/** Any plain value as a short text for people; empty for nothing. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(toText).join(', ');
  if (typeof value !== 'object') return JSON.stringify(value) ?? '';
  return Object.entries(value)
    .map(([key, inner]) => `${key}: ${toText(inner)}`)
    .join('; ');
}
