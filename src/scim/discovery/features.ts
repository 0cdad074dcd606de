import { BULK_OPTIONS, CURSOR_TIMEOUT_SECONDS, LIST_OPTIONS } from '../limits.js';
import type { Features } from '../protocol/discovery.js';

/** What this server says of itself in ServiceProviderConfig; every line is a promise that a test keeps. */
export const featuresOf = (maxPayloadSize: number): Features => ({
  patch: true,
  bulk: { ...BULK_OPTIONS, maxPayloadSize },
  filter: { maxResults: LIST_OPTIONS.maxCount },
  changePassword: false,
  sort: true,
  etag: true,
  pagination: {
    cursor: true,
    index: true,
    // Clients that know nothing of cursors must go on getting what they expect (RFC 9865 section 2.4).
    defaultPaginationMethod: 'index',
    defaultPageSize: LIST_OPTIONS.defaultCount,
    maxPageSize: LIST_OPTIONS.maxCount,
    cursorTimeout: CURSOR_TIMEOUT_SECONDS,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token that an operator of the service issues for one connection.',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
    {
      type: 'oauth2',
      name: 'OAuth 2.0 client credentials',
      description: 'Access tokens of scope scim for a client that an operator of the service makes for one connection.',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6749#section-4.4',
    },
  ],
});
