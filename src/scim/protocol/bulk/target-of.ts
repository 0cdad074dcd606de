import type { BulkOperation } from './bulk-operation.js';

/** The resource type of an operation, and the resource unless the operation makes it. */
export type BulkTarget =
  | { readonly endpoint: 'Users' | 'Groups'; readonly id?: undefined }
  /** `id` as it stands in the path, decoded: it may be a reference. */
  | { readonly endpoint: 'Users' | 'Groups'; readonly id: string };

/** ".search" is nobody's id. */
const PATH = /^\/(Users|Groups)(?:\/(?!\.search$)([^/]+))?$/;

/**
 * "If "method" is "POST", the value must specify a resource type endpoint, e.g., /Users or /Groups, whereas all other "method" values must
 * specify the path to a specific resource" (RFC 7644 section 3.7). Undefined: the path is neither.
 */
export function targetOf({ method, path }: Pick<BulkOperation, 'method' | 'path'>): BulkTarget | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const endpoint = match[1] as BulkTarget['endpoint'];
  const id = match[2] === undefined ? undefined : decode(match[2]);
  if (method === 'POST') return match[2] === undefined ? { endpoint } : undefined;
  return id === undefined ? undefined : { endpoint, id };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
