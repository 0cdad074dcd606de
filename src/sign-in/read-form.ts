import { toTargetPath } from '../platform/target-path.js';
import type { RecoveryContent } from './to-recovery-form.js';

/** A form's field: its only value, trimmed; undefined when it is not there, is empty or stands there twice. */
export function fieldOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'string') return undefined;
  return textOf(new URLSearchParams(body).getAll(name));
}

/** A parameter of a query, likewise. */
export const textOf = (value: unknown): string | undefined => {
  const [only, ...more] = Array.isArray(value) ? (value as unknown[]) : [value];
  if (more.length > 0 || typeof only !== 'string' || only.includes('\0')) return undefined;
  return only.trim() || undefined;
};

/** What the address of the start page asks for. */
export function readStartQuery(query: Readonly<Record<string, unknown>>): {
  readonly targetUrl: string | undefined;
  readonly recovery: RecoveryContent | undefined;
} {
  const targetUrl = toTargetPath(textOf(query['targetUrl']));
  return { targetUrl, recovery: 'noLoginRedirect' in query ? { slug: undefined, targetUrl } : undefined };
}
