import { LongText, NestedList, Text } from '../field.decorators.js';

export class ListedPersonBody {
  @Text('As the SCIM client will send it', { max: 255 })
  userName!: string;

  @Text('As the SCIM client will send it', { optional: true, max: 255 })
  externalId?: string;

  @Text('An e-mail address', { optional: true, max: 320 })
  email?: string;
}

export class TakeOverBody {
  @NestedList(ListedPersonBody, 'The people the SCIM client has, a thousand at most', { optional: true })
  people?: ListedPersonBody[];

  @LongText('Or any number of them as CSV, its first line naming the columns userName, externalId, email', {
    optional: true,
    max: 1_900_000,
  })
  csv?: string;
}
