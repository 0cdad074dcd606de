/** What the checks of an assertion demand; they throw a SamlRejection. */
import { NS } from './names.js';
import { reject } from './saml-rejection.js';
import { named } from './xml.js';

export function fail(...args: Parameters<typeof reject>): never {
  throw reject(...args);
}

/** Exactly one child of the name. */
export function only(parent: Element, name: string, reason: Parameters<typeof reject>[0]): Element {
  const found = named(parent, NS.assertion, name);
  if (found.length === 1) return found[0]!;
  return found.length === 0 ? fail(reason, name, 0, 1) : fail('structure', name, found.length, 1);
}
