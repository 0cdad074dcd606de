/** How long pages of the admin API are. */
export const DEFAULT_LIMIT = 50;
export const MOST_ITEMS_A_PAGE = 200;
