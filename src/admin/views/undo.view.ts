import { Choice, Flag, Id, Instant, Integer, Json, Nested, NestedList, Text } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class UndoneCountView {
  @Integer('Come back', MANY)
  restored!: number;

  @Integer('Get old values back', MANY)
  reverted!: number;

  @Integer('Go, because the client made them', MANY)
  removed!: number;
}

export class UndoneMembershipCountView {
  @Integer('Begin', MANY)
  joined!: number;

  @Integer('Stay, for other reasons', MANY)
  changed!: number;

  @Integer('End', MANY)
  left!: number;
}

export class UndoneItemView {
  @Choice(['user', 'group', 'membership'], 'What it is')
  subject!: string;

  @Id('The user or the group; of a membership, the group')
  id!: string;

  @Text('Its name')
  name!: string;

  @Id('Of a membership: who', { nullable: true })
  userId!: string | null;

  @Text(
    'restore, revert, remove; of a membership joined, changed, left; of a conflict why: changed-since, in-use, gone, unlogged, taken, unknown-role, break-glass',
  )
  what!: string;

  @Json('Old and new value of what changes; of a conflict, what it is and what it would have become')
  changes!: object;
}

export class UndoView {
  @Choice(['preview', 'done'], 'done: it has happened')
  state!: string;

  @Text('Of all of this; give it as `expect` to do it')
  digest!: string;

  @Instant('After this instant')
  from!: string;

  @Instant('Up to this one')
  until!: string;

  @Integer('How many changes of the client that is; each member counts', MANY)
  changes!: number;

  @Nested(UndoneCountView, 'People')
  users!: UndoneCountView;

  @Nested(UndoneCountView, 'Groups')
  groups!: UndoneCountView;

  @Nested(UndoneMembershipCountView, 'Memberships; default groups come by themselves')
  memberships!: UndoneMembershipCountView;

  @Integer('What stays as it is, because others wrote over the client', MANY)
  conflictCount!: number;

  @NestedList(UndoneItemView, 'What stays as it is and why; a thousand at most')
  conflicts!: readonly UndoneItemView[];

  @NestedList(UndoneItemView, 'What becomes of whom; a thousand at most, people and groups first')
  items!: readonly UndoneItemView[];

  @Flag('Is there more than the lists show?')
  more!: boolean;
}
