/** Text -> AttributePath (RFC 7644 section 3.10), without brackets: what filters, `attributes`, `sortBy` and document keys contain. */
import type { AttributePath } from './filter.js';

/** RFC 7644 allows ALPHA *(nameChar); "$ref" and a leading "_" exist in the field. */
const ATTRIBUTE = /^([A-Za-z_$][\w$-]*)(?:\.([A-Za-z_$][\w$-]*))?$/;

/**
 * Splits `[URN ":"] name ["." subAttribute]` at the last colon: names hold none, URNs always do. A URN that is followed by nothing
 * becomes a path with an empty name, or, when its last part looks like a name, one that `findAttribute` puts together again.
 * Undefined when the text cannot be a path.
 */
export function parseAttributePath(text: string): AttributePath | undefined {
  const colon = text.lastIndexOf(':');
  const match = ATTRIBUTE.exec(text.slice(colon + 1));
  if (!match) return /^urn:[^\s"()[\]]+$/i.test(text) ? { schema: text, name: '' } : undefined;
  const [, name = '', subAttribute] = match;
  return {
    ...(colon > 0 ? { schema: text.slice(0, colon) } : {}),
    name,
    ...(subAttribute === undefined ? {} : { subAttribute }),
  };
}

/** The path as a client writes it, for messages. */
export function printAttributePath({ schema, name, subAttribute }: AttributePath): string {
  const rest = subAttribute === undefined ? name : `${name}.${subAttribute}`;
  if (schema === undefined) return rest;
  return rest === '' ? schema : `${schema}:${rest}`;
}
