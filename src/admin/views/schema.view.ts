import { AttributeBody } from '../bodies/schema.body.js';
import { Choice, Flag, NestedList, Text } from '../field.decorators.js';

export class SchemaView {
  @Text('Its URN')
  id!: string;

  @Choice(['User', 'Group'], 'Whose schema it is')
  resourceType!: 'User' | 'Group';

  @Flag('Every resource the client writes must have it')
  required!: boolean;

  @Text('Its name for people')
  name!: string;

  @Text('For people to read')
  description!: string;

  @NestedList(AttributeBody, 'Its attributes, with everything they are')
  attributes!: readonly object[];
}
