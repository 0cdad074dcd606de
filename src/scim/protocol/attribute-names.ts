/** The comma-separated lists of `attributes` and `excludedAttributes`. */
import type { ProjectionRequest } from './project-attributes.js';
import { invalidValue } from './scim-error.js';

/** Each alternative is told from the others by its first character, and a quotation mark need not be closed: linear time. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|[[\],]|[^"[\],]+/gs;

/**
 * The names in a text. What stands in brackets is ignored, commas in it too: some clients ask for `emails[type eq "work"]` and are
 * content with all e-mails.
 */
export function splitAttributeNames(text: string): string[] {
  const names: string[] = [];
  let name = '';
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '[') depth += 1;
    else if (token === ']') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (token === ',') {
      names.push(name);
      name = '';
    } else name += token.trim();
  }
  return [...names, name].filter((each) => each !== '');
}

/**
 * Either list, from query parameters (texts) or from a body (arrays of texts). An empty list counts as none.
 * Throws invalidValue when both are there, or when one is neither text nor a list of texts.
 */
export function toProjectionRequest(attributes: unknown, excludedAttributes: unknown): ProjectionRequest {
  const wanted = namesIn(attributes, 'attributes');
  const excluded = namesIn(excludedAttributes, 'excludedAttributes');
  if (wanted.length > 0 && excluded.length > 0) {
    throw invalidValue('"attributes" and "excludedAttributes" exclude each other; send one of them.');
  }
  if (wanted.length > 0) return { attributes: wanted };
  return excluded.length > 0 ? { excludedAttributes: excluded } : {};
}

function namesIn(value: unknown, parameter: string): string[] {
  if (value === undefined || value === null) return [];
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => {
    if (typeof text !== 'string') throw invalidValue(`"${parameter}" is a list of attribute names.`);
    return splitAttributeNames(text);
  });
}
