import { Id, Instant, Text } from '../field.decorators.js';

export class SessionView {
  @Id('Never changes')
  id!: string;

  @Id('The connection it was opened over; null: opened with a recovery code', { nullable: true })
  connectionId!: string | null;

  @Instant('When the IdP, or the recovery code, authenticated the person')
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

  @Text('The subject the IdP named; null: opened with a recovery code', { nullable: true })
  nameId!: string | null;

  @Text('What the IdP calls the session; null: it gave it no name', { nullable: true })
  sessionIndex!: string | null;
}
