/** For the test of what finds tests. */
export const REQUIREMENT_ROWS = [['X-01 beside it'], ['nothing']] as const;
