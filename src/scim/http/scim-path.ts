/** What belongs to the SCIM door, by the path as requested. */
export const SCIM_PATH = /^\/+scim(?:[/?]|$)/;
