import { GuardThresholdBody } from '../bodies/connection.body.js';
import { Choice, Flag, Id, Instant, Integer, Nested, NestedList, Text } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class GuardView {
  @Choice(['removals', 'deprovisioning'], 'Which guard of the connection')
  guard!: string;

  @Nested(GuardThresholdBody, 'Of the connection; null: the guard is off', { nullable: true })
  threshold!: GuardThresholdBody | null;

  @Integer('People hit since countedSince', MANY)
  counted!: number;

  @Integer('Of how many: who signed in, or who is active', MANY)
  population!: number;

  @Integer('How many the threshold allows of them; null: any number', { ...MANY, nullable: true })
  allowed!: number | null;

  @Instant('Since when requests are held until an operator resumes; null: they are not', { nullable: true })
  heldSince!: string | null;

  @Instant('Until when an operator lets everything pass', { nullable: true })
  openUntil!: string | null;

  @Instant('From when on people count')
  countedSince!: string;

  @Integer('People whose removals wait for a decision', MANY)
  heldPeople!: number;
}

export class HeldGroupView {
  @Id('The group')
  id!: string;

  @Text('Its name')
  displayName!: string;
}

export class HeldRemovalView {
  @Id('The person')
  userId!: string;

  @Text('The userName')
  userName!: string;

  @NestedList(HeldGroupView, 'What the sign-in would have taken')
  groups!: readonly HeldGroupView[];

  @Flag('Would the person have been left without any group?')
  everyGroup!: boolean;

  @Instant('When the sign-in was')
  heldAt!: string;
}

export class HeldOutcomeView {
  @Integer('People who lost groups', MANY)
  applied!: number;

  @Integer('People from whom nothing was taken', MANY)
  dropped!: number;

  @Integer('People whose removals are still held', MANY)
  left!: number;
}
