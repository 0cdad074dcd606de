import { ScimError } from '../protocol/scim-error.js';

/** 412 of If-Match and If-None-Match (RFC 7644 section 3.12). */
export const otherVersion = () =>
  new ScimError(412, 'The resource has been changed since the version that the request names; read it again.');
