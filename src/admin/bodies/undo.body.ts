import { Flag, Id, Instant, Text } from '../field.decorators.js';

export class UndoBody {
  @Instant('Undo what was done after this instant')
  from!: string;

  @Instant('And up to this one; not given: until now', { optional: true })
  until?: string;

  @Id('Of this SCIM token or OAuth client alone; not given: of every client of the connection', { optional: true })
  client?: string;

  @Flag('Only say what would happen', { optional: true })
  preview?: boolean;

  @Text('The digest of the preview: nothing else is done than what it showed', { optional: true, max: 64 })
  expect?: string;
}
