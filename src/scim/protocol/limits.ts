/**
 * How much one request may ask for. A refusal names its limit as it is called here; docs/limits.md tells clients, and a test compares.
 * The size of a body is a setting of the server, and the size of a page is announced in ServiceProviderConfig.
 */
export const LIMITS = {
  /** Of the path with its query. Longer filters travel in the body of a search. */
  addressLength: 12_000,
  jsonDepth: 32,
  /** More than any SCIM message has by far: members of a group count one to four keys each. */
  jsonKeys: 500_000,
  /** Each name is looked up in the schemas: half a million of them in one object would take a second. */
  objectKeys: 2000,
  filterLength: 10_000,
  filterDepth: 30,
  filterTerms: 100,
  /** Of what people and groups are found by, as it is compared: an index of the database takes no longer ones. */
  keyBytes: 2000,
  patchOperations: 1000,
  pathLength: 2048,
  /**
   * Elements looked at by one request, those that a filter looks at once for each of its comparisons. Each operation looks at all elements
   * of its attribute, so that 1000 operations on 100,000 elements would keep everybody else waiting for minutes.
   */
  patchVisits: 500_000,
} as const;

/** The end of a refusal. */
export const nameOfLimit = (name: keyof typeof LIMITS): string => `(limit ${name}: ${LIMITS[name]})`;
