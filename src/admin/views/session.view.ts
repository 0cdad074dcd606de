import { Id, Instant, Text } from '../field.decorators.js';

export class SessionView {
  @Id('Never changes')
  id!: string;

  @Id('The connection it was opened over')
  connectionId!: string;

  @Instant('When the IdP authenticated the person')
  authenticatedAt!: string;

  @Instant('When it was opened')
  createdAt!: string;

  @Instant('When it was last used, to the minute')
  lastSeenAt!: string;

  @Instant('When it ends at the latest')
  expiresAt!: string;
}

export class ListedSessionView extends SessionView {
  @Id('Whose it is')
  userId!: string;

  @Text('Their name')
  userName!: string;

  @Text('The subject the IdP named')
  nameId!: string;

  @Text('What the IdP calls the session; null: it gave it no name', { nullable: true })
  sessionIndex!: string | null;
}
