import { Id, Integer, Text } from '../field.decorators.js';
import { DEFAULT_LIMIT, MOST_ITEMS_A_PAGE } from './page-limits.js';

/** A page of a list that goes by ids. */
export class PageQuery {
  @Id('The `next` of the page before', { optional: true })
  after?: string;

  @Integer(`How many at most; ${DEFAULT_LIMIT} when not given`, {
    min: 1,
    max: MOST_ITEMS_A_PAGE,
    fromText: true,
    optional: true,
  })
  limit?: number;
}

/** A page of a list that goes by names. */
export class NamePageQuery {
  @Text('The `next` of the page before', { optional: true })
  after?: string;

  @Integer(`How many at most; ${DEFAULT_LIMIT} when not given`, {
    min: 1,
    max: MOST_ITEMS_A_PAGE,
    fromText: true,
    optional: true,
  })
  limit?: number;
}

export class UsersQuery extends PageQuery {
  @Text('userName begins with this, in any case', { optional: true })
  userName?: string;

  @Text('An e-mail address is this one, in any case; without an @, it begins with this', { optional: true })
  email?: string;

  @Text('externalId begins with this', { optional: true })
  externalId?: string;
}

export class GroupsQuery extends PageQuery {
  @Text('displayName begins with this, in any case', { optional: true })
  displayName?: string;

  @Text('externalId begins with this', { optional: true })
  externalId?: string;
}
