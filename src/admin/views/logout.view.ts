import { Choice, Id, Instant, Integer, Json, Text, Texts } from '../field.decorators.js';

/** What became of one logout message of an IdP. */
export class LogoutView {
  @Id('Never changes')
  id!: string;

  @Text('What a person was shown whose browser brought it, when it was refused')
  incidentCode!: string;

  @Instant('When')
  at!: string;

  @Id('At which connection')
  connectionId!: string;

  @Choice(['accepted', 'rejected'], 'What became of it')
  outcome!: string;

  @Text('Why it was rejected', { nullable: true })
  reason!: string | null;

  @Text('What may be done about it', { nullable: true })
  hint!: string | null;

  @Json('The check that failed, with what was got and wanted', { nullable: true })
  detail!: unknown;

  @Text('Whose sessions were to end', { nullable: true })
  nameId!: string | null;

  @Texts('Which of them; null: all', { nullable: true })
  sessionIndexes!: readonly string[] | null;

  @Integer('How many were live and have ended', { min: 0, max: 1_000_000, nullable: true })
  sessionsEnded!: number | null;

  @Text('The same in the log and the audit entries')
  correlationId!: string;
}
