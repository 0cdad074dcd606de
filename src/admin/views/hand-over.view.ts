import { HAND_OVER_CHOICES } from '../bodies/hand-over.body.js';
import { Choice, Flag, Id, Ids, Instant, Integer, Json, NestedList, Text } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class HandOverView {
  @Id('Never changes; null: it was a preview', { nullable: true })
  id!: string | null;

  @Choice(HAND_OVER_CHOICES, 'What was chosen')
  choice!: string;

  @Choice(['preview', 'open', 'undone', 'confirmed'], 'open: it can be undone')
  state!: string;

  @Integer('People it is about', MANY)
  people!: number;

  @Ids('Groups of the SCIM client that become groups made by hand')
  groupIds!: readonly string[];

  @Instant('When; null: it was a preview', { nullable: true })
  startedAt!: string | null;

  @Instant('When it was undone or confirmed', { nullable: true })
  endedAt!: string | null;
}

export class HandedPersonView {
  @Id('The person')
  userId!: string;

  @Text('The userName')
  userName!: string;

  @Json('Old and new value of what changes')
  changes!: object;

  @Text('Why the person stays as they are: break-glass, or changed-since; null: they do not', { nullable: true })
  kept!: string | null;

  @Ids('Of an undo: groups of the SCIM client that the person is not in any more; they do not come back')
  lostGroups!: readonly string[];
}

export class HandOverOutcomeView extends HandOverView {
  @NestedList(HandedPersonView, 'What becomes of whom; a thousand at most')
  items!: readonly HandedPersonView[];

  @Flag('Are there more people than items?')
  more!: boolean;
}
