import { FormFault, readFormFields } from '../platform/form-fields.js';
import { toTargetPath } from '../platform/target-path.js';
import type { RecoveryContent } from './to-recovery-form.js';

/**
 * The fields of a form by their names: the only value, trimmed; undefined when it is not there, is empty or stands there twice. A form
 * that is none of our pages' has no fields.
 */
export function readForm(body: unknown): (name: string) => string | undefined {
  const fields = readFormFields(body);
  return (name) => (fields instanceof FormFault ? undefined : textOf(fields.get(name)));
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
