import { Id, Integer, Text, Texts } from '../field.decorators.js';

export class OrganizationView {
  @Id('Never changes')
  id!: string;

  @Text('Its name in addresses')
  slug!: string;

  @Text('Its name for people')
  name!: string;

  @Texts('Its roles, the most powerful first')
  roles!: readonly string[];

  @Integer('How long a new session lives', { min: 60, max: 90 * 24 * 60 * 60 })
  sessionLifetimeSeconds!: number;

  @Integer('How long a session may rest before it ends; null: to its end', {
    min: 5 * 60,
    max: 90 * 24 * 60 * 60,
    nullable: true,
  })
  sessionIdleSeconds!: number | null;
}
