import { Choice, Id, Integer, Json, NestedList, Text } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class MemberEffectView {
  @Text('The group; empty: the new one')
  groupId!: string;

  @Text('Its name')
  displayName!: string;

  @Id('Who; null: the new person', { nullable: true })
  userId!: string | null;

  @Text('by-hand, default; asked, no-longer-default, group-deleted; already, default')
  because!: string;
}

/** What an operator's command would do. Nothing of it has happened. */
export class OperatorPreviewView {
  @Choice(['create', 'update', 'delete', 'nothing'], 'The decision')
  decision!: string;

  @Choice(['id'], 'By what the person or the group is found; null: somebody or something new', { nullable: true })
  matchedBy!: string | null;

  @Id('The person or the group; null: somebody or something new', { nullable: true })
  id!: string | null;

  @Json('Attribute -> old and new value')
  changes!: object;

  @NestedList(MemberEffectView, 'Memberships that begin, a thousand at most, and why')
  added!: readonly MemberEffectView[];

  @NestedList(MemberEffectView, 'Memberships that end, a thousand at most, and why')
  removed!: readonly MemberEffectView[];

  @NestedList(MemberEffectView, 'Memberships that stay as they are, a thousand at most, and why')
  kept!: readonly MemberEffectView[];

  @Integer('How many begin', MANY)
  addedCount!: number;

  @Integer('How many end', MANY)
  removedCount!: number;
}
