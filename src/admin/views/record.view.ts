import { Choice, Id, Instant, Integer, Json, Nested, Text } from '../field.decorators.js';
import { ReceivedView } from './sign-in-detail.view.js';

/** What became of one answer of an IdP, or of one recovery code. */
export class SignInView {
  @Id('Never changes')
  id!: string;

  @Text('What a refused person was shown')
  incidentCode!: string;

  @Instant('When')
  at!: string;

  @Id('Over which connection; null: with a recovery code', { nullable: true })
  connectionId!: string | null;

  @Choice(['accepted', 'rejected'], 'What became of it')
  outcome!: string;

  @Text('Why it was rejected', { nullable: true })
  reason!: string | null;

  @Text('What the person was recognised by', { nullable: true })
  matchedBy!: string | null;

  @Id('The person', { nullable: true })
  userId!: string | null;

  @Id('The session it opened', { nullable: true })
  sessionId!: string | null;

  @Text('The same in the log and the audit entries')
  correlationId!: string;
}

export class SignInDetailView extends SignInView {
  @Json('What the assertion said after mapping; null: it never verified', { nullable: true })
  claims!: unknown;

  @Json('The whole decision with its changes, or the check that failed with what was got and wanted')
  decision!: unknown;

  @Nested(ReceivedView, 'What was received and checked; null: not kept, no longer, or not in a time line', {
    nullable: true,
  })
  received!: ReceivedView | null;
}

export class AuditEntryView {
  @Id('Never changes; later entries have greater ids')
  id!: string;

  @Instant('When')
  at!: string;

  @Choice(['scim-client', 'sign-in', 'person', 'operator', 'idp', 'system'], 'What kind of actor')
  actorKind!: string;

  @Text('Which one: a token, a user; command-line', { nullable: true })
  actorId!: string | null;

  @Text('What was done')
  action!: string;

  @Text('What kind of thing it was done to')
  targetType!: string;

  @Text('To which')
  targetId!: string;

  @Json('Attribute or relation -> old and new value')
  changes!: object;

  @Text('The same in the log line of the request')
  correlationId!: string;
}

export class EventView {
  @Id('Never changes; later events have greater ids')
  id!: string;

  @Text('From the catalogue of events')
  type!: string;

  @Id('The user, group, session, connection or organization it is about')
  subjectId!: string;

  @Instant('When')
  occurredAt!: string;

  @Json('What a subscriber needs without asking back')
  data!: object;
}

export class RevokedSessionsView {
  @Integer('How many sessions were live', { min: 0, max: 1_000_000 })
  revoked!: number;
}
