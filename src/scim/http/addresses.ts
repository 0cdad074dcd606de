import { isUuid } from '../../platform/ids.js';

/** Where the SCIM service lies below the public address. */
export const SCIM_ROOT = '/scim/v2';

/** Absolute addresses of resources, from the server's own public address and never from a Host header. */
export class Addresses {
  readonly users: string;
  readonly groups: string;
  /** The document that tells how to get a token for the service (RFC 9728 section 3.1). */
  readonly resourceMetadata: string;

  /** `root`: of the SCIM service, without a trailing slash. */
  constructor(readonly root: string) {
    this.users = `${root}/Users/`;
    this.groups = `${root}/Groups/`;
    this.resourceMetadata = root.replace(/^\w+:\/\/[^/]+/, '$&/.well-known/oauth-protected-resource');
  }

  /** The address of a user that a client named; undefined when the text cannot be an id of ours. */
  ofNamedUser(id: unknown): string | undefined {
    return isUuid(id) ? this.users + id.toLowerCase() : undefined;
  }
}
