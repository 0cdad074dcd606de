/** PATCH paths: `PATH = attrPath / valuePath [subAttr]` (RFC 7644 section 3.5.2). */
import type { AttributePath, Filter } from '../filter/filter.js';
import { parseAttributePath } from '../filter/attribute-path.js';
import { parseFilter } from '../filter/parse-filter.js';
import { LIMITS, nameOfLimit } from '../limits.js';
import { invalidPath, ScimError } from '../scim-error.js';

export interface PatchPath {
  /** The attribute; with a value filter, the multi-valued one in front of the brackets. */
  readonly attribute: AttributePath;
  readonly filter?: Filter;
  /** Behind the brackets: `emails[type eq "work"].value`. */
  readonly subAttribute?: string;
}

const SUB_ATTRIBUTE = /^\.([A-Za-z_$][\w$-]*)$/;

/** Throws ScimError invalidPath for a malformed path, invalidFilter for a malformed value filter. Linear in the length. */
export function parsePath(text: string): PatchPath {
  const path = text.trim();
  if (path.length > LIMITS.pathLength) throw invalidPath(`The path is too long ${nameOfLimit('pathLength')}`);
  const open = path.indexOf('[');
  if (open < 0) return { attribute: attributeOf(path, path) };
  const close = closingBracket(path, open);
  if (close < 0) throw invalidPath(`The path "${path}" has no closing bracket`);
  const attribute = attributeOf(path.slice(0, open), path);
  const filter = parseFilter(path.slice(open + 1, close));
  const rest = path.slice(close + 1);
  if (rest === '') return { attribute, filter };
  const subAttribute = SUB_ATTRIBUTE.exec(rest)?.[1];
  if (subAttribute === undefined || attribute.subAttribute !== undefined) throw invalidPath(`"${path}" is not a path`);
  return { attribute, filter, subAttribute };
}

/** As `parsePath`, for a key of a value without path; undefined for what is no path, which there is just an unknown attribute. */
export function parsePathKey(key: string): PatchPath | undefined {
  if (key.length > LIMITS.pathLength) return undefined;
  if (!key.includes('[')) {
    const attribute = parseAttributePath(key.trim());
    return attribute && { attribute };
  }
  try {
    return parsePath(key);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

function attributeOf(text: string, path: string): AttributePath {
  const attribute = text === '' ? undefined : parseAttributePath(text);
  if (!attribute) throw invalidPath(`"${path}" is not a path`);
  return attribute;
}

/** The bracket that closes the one at `open`; brackets inside of string literals do not count. */
function closingBracket(path: string, open: number): number {
  let inString = false;
  let depth = 0;
  for (let index = open; index < path.length; index++) {
    const character = path[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[') depth++;
    else if (character === ']' && --depth === 0) return index;
  }
  return -1;
}
