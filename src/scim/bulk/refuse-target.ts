import { refuseRoute } from '../http/refuse-route.js';
import { SCIM_ROOT } from '../http/addresses.js';
import type { BulkOperation } from '../protocol/bulk/bulk-operation.js';
import { invalidSyntax, type ScimError } from '../protocol/scim-error.js';

/** Requests that are answered on their own and are no operations. */
const ONLY_ALONE = /^\/(?:Bulk|(?:(?:Users|Groups)\/)?\.search)$/;

/** The answer to an operation on something that is no user, no group and not the place where they are made: that of a single request. */
export function refuseTarget({ method, path }: Pick<BulkOperation, 'method' | 'path'>): ScimError {
  if (method === 'POST' && ONLY_ALONE.test(path)) {
    return invalidSyntax(`"${path}" cannot be an operation of a bulk request; send it on its own.`);
  }
  return refuseRoute(method, SCIM_ROOT + path);
}
