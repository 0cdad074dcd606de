import { Integer, Text, Texts } from '../field.decorators.js';

const LIFETIME = { min: 60, max: 90 * 24 * 60 * 60, optional: true };
const IDLE = { ...LIFETIME, min: 5 * 60, nullable: true };

export class CreateOrganizationBody {
  @Text('Its name in addresses: lower-case letters, digits and hyphens', { max: 63 })
  slug!: string;

  @Text('Its name for people', { max: 200 })
  name!: string;

  @Texts('Its roles, the most powerful first; admin and member when not given', { optional: true, max: 100 })
  roles?: string[];

  @Integer('How long a session lives; 7200 when not given', LIFETIME)
  sessionLifetimeSeconds?: number;

  @Integer('How long a session may rest before it ends; null, as when not given: to its end', IDLE)
  sessionIdleSeconds?: number | null;
}

export class UpdateOrganizationBody {
  @Text('Its name in addresses: lower-case letters, digits and hyphens', { optional: true, max: 63 })
  slug?: string;

  @Text('Its name for people', { optional: true, max: 200 })
  name?: string;

  @Texts('Its roles, the most powerful first; a role in use stays', { optional: true, max: 100 })
  roles?: string[];

  @Integer('How long a new session lives', LIFETIME)
  sessionLifetimeSeconds?: number;

  @Integer('How long a session may rest before it ends, from its next use on; null: to its end', IDLE)
  sessionIdleSeconds?: number | null;
}
