import { Choice, Id, Instant, Json, Text, Texts } from '../field.decorators.js';

/** What is behind a code that somebody was shown, in short: where, who, why, and what to do. */
export class IncidentView {
  @Choice(['sign-in', 'logout'], 'What was refused')
  kind!: 'sign-in' | 'logout';

  @Text('The code')
  incidentCode!: string;

  @Instant('When')
  at!: string;

  @Id('Where')
  organizationId!: string;

  @Text('The slug of that organization')
  organization!: string;

  @Id('At which connection; null: with a recovery code', { nullable: true })
  connectionId!: string | null;

  @Text('The name of the connection', { nullable: true })
  connectionName!: string | null;

  @Text('Whom the IdP named; null: nobody, or not believed', { nullable: true })
  named!: string | null;

  @Id('The person here', { nullable: true })
  userId!: string | null;

  @Choice(['accepted', 'rejected'], 'What became of it')
  outcome!: string;

  @Text('Why it was rejected', { nullable: true })
  reason!: string | null;

  @Json('What exactly was looked at, with what was got and wanted', { nullable: true })
  detail!: unknown;

  @Texts('What may be done about it, and what to click at which IdP')
  hints!: readonly string[];

  @Text('The same in the log and the audit entries')
  correlationId!: string;

  @Text('The command that shows everything that is known of it')
  more!: string;
}
