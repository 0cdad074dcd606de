/** How much one answer holds; published in ServiceProviderConfig. */
export const LIST_OPTIONS = { defaultCount: 100, maxCount: 1000 } as const;
