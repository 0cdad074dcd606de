/** Oddities of bulk requests (RFC 7644 section 3.7); their operations are looked at one by one, as requests of their own. */
import { isObject } from '../read-value.js';
import type { Json } from '../schema/attribute.js';
import { BULK_REQUEST_SCHEMA, sameUrn } from '../urns.js';
import { syntax, type Quirk } from './quirk.js';
import { valueOf } from './message-keys.js';

export interface BulkSite {
  readonly schemas: readonly string[];
  readonly operations: readonly Json[];
}

export const BULK_QUIRKS = [
  {
    // POST /Bulk {"Operations":[...]}
    name: 'bulk-schema-missing',
    sentence: 'Sends bulk requests without their schema.',
    refusal: syntax(`"schemas" of a bulk request is ["${BULK_REQUEST_SCHEMA}"] (RFC 7644 section 3.7)`),
    seenIn: ({ schemas }) => !schemas.some((urn) => sameUrn(urn, BULK_REQUEST_SCHEMA)),
  },
  {
    // {"method":"PATCH","path":"/Users/1","data":[{"op":"add",...}]}: the example of RFC 7644 section 3.7.2, as far as it is JSON
    name: 'bulk-patch-as-list',
    sentence: 'Sends the operations of a PATCH in a bulk request without the message around them.',
    refusal: syntax('"data" is the body that the request alone would have (RFC 7644 section 3.7)'),
    seenIn: ({ operations }) => operations.some((each) => isObject(each) && Array.isArray(valueOf(each, 'data'))),
  },
] as const satisfies readonly Quirk<BulkSite>[];
