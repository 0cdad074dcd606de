import { Instant } from '../field.decorators.js';
import { PageQuery } from './page.query.js';

export class InstantQuery {
  @Instant('As of when')
  at!: string;
}

export class PastMembersQuery extends PageQuery {
  @Instant('As of when')
  at!: string;
}
