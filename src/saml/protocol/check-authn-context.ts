/** How the person authenticated. */
import { fail } from './demands.js';
import { NS } from './names.js';
import { named, textOf } from './xml.js';

/**
 * "The resulting authentication context in the authentication statement MUST be the exact match of at least one of the authentication
 * contexts specified" (core 3.3.2.2.1), in an answer to nothing as well. `wanted` empty: any will do. What there is; throws SamlRejection.
 */
export function checkAuthnContext(statement: Element, wanted: readonly string[]): string | null {
  const got = named(statement, NS.assertion, 'AuthnContext')
    .flatMap((context) => named(context, NS.assertion, 'AuthnContextClassRef'))
    .map((reference) => textOf(reference)?.trim() ?? '');
  if (wanted.length > 0 && (got.length !== 1 || !wanted.includes(got[0]!))) {
    fail('authn-context-mismatch', 'AuthnContextClassRef', got, wanted);
  }
  return got[0] ?? null;
}
