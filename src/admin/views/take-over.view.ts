import { Choice, Flag, Id, Integer, NestedList, Text, Texts } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class FoundPersonView {
  @Id('The person')
  id!: string;

  @Text('The userName here')
  userName!: string;
}

export class ListedMatchView {
  @Text('As listed')
  userName!: string;

  @Text('As listed', { nullable: true })
  externalId!: string | null;

  @Text('As listed', { nullable: true })
  email!: string | null;

  @Choice(['exact', 'differs', 'ambiguous', 'missing'], 'How the listed person is found here')
  match!: string;

  @Texts('The identifiers that are not those of the person found')
  differs!: readonly string[];

  @NestedList(FoundPersonView, 'Who is found')
  found!: readonly FoundPersonView[];

  @Choice(
    ['adopt', 'create', 'refuse', 'present'],
    'What the client’s POST /Users would do; present: SCIM has the person',
  )
  scim!: string;

  @Text('Why it would be refused', { nullable: true })
  detail!: string | null;
}

export class UnlistedView {
  @Id('The person')
  userId!: string;

  @Text('The userName')
  userName!: string;
}

export class LeftoverView extends UnlistedView {
  @Id('The group')
  groupId!: string;

  @Text('Its name')
  displayName!: string;

  @Flag('Is the person under SCIM already? Only then it can be dropped')
  handed!: boolean;
}

export class TakeOverView {
  @Integer('How many are found as listed', MANY)
  exact!: number;

  @Integer('How many are found, but not by every identifier', MANY)
  differing!: number;

  @Integer('How many may be several people', MANY)
  ambiguous!: number;

  @Integer('How many are nobody here', MANY)
  missing!: number;

  @NestedList(ListedMatchView, 'The listed people, in their order')
  people!: readonly ListedMatchView[];

  @NestedList(UnlistedView, 'People made by signing in whom the list does not mean')
  unlisted!: readonly UnlistedView[];

  @NestedList(LeftoverView, 'Memberships that only sign-ins are a reason for')
  leftovers!: readonly LeftoverView[];
}

export class DroppedLeftoversView {
  @NestedList(LeftoverView, 'The memberships that ended')
  dropped!: readonly LeftoverView[];
}
