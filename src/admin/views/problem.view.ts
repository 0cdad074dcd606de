import { Integer, NestedList, Text } from '../field.decorators.js';

export class InvalidFieldView {
  @Text('JSON pointer into the body, or the name of a query parameter')
  pointer!: string;

  @Text('What is wrong there')
  detail!: string;
}

/** RFC 9457: what was wrong. */
export class ProblemView {
  @Text('urn:rollcall:problem:<reason>; decide by this, not by texts')
  type!: string;

  @Text('What kind of problem it is')
  title!: string;

  @Integer('The HTTP status', { min: 400, max: 599 })
  status!: number;

  @Text('What is wrong, for a person')
  detail!: string;

  @Text('The same in the log')
  correlationId!: string;

  @NestedList(InvalidFieldView, 'Every field that is wrong', { optional: true })
  errors?: readonly InvalidFieldView[];
}
