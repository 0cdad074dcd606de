import { Choice, Flag, Id, Json, Nested, NestedList, Text, Texts } from '../field.decorators.js';

export class NamedByView {
  @Text('The asserted value')
  value!: string;

  @Choice(['displayName', 'externalId', 'mapping'], 'What it is of the group')
  by!: string;
}

export class GroupEffectView {
  @Id('The group')
  id!: string;

  @Text('Its name')
  displayName!: string;

  @Text(
    'named, confirmed, default; not-asserted; other-origins, held, last-admin; scim, ignore, protected: not for sign-ins to give',
  )
  because!: string;

  @NestedList(NamedByView, 'The asserted values that name it')
  named!: readonly NamedByView[];
}

export class GroupEffectsView {
  @Choice(['reset', 'unmapped', 'overage', 'kept', 'untouched'], 'What the sign-in does with groups')
  kind!: string;

  @NestedList(GroupEffectView, 'Groups the person would join')
  added!: readonly GroupEffectView[];

  @NestedList(GroupEffectView, 'Groups the person would leave')
  removed!: readonly GroupEffectView[];

  @NestedList(GroupEffectView, 'Groups that stay as they are, although the assertion speaks of them or is silent')
  kept!: readonly GroupEffectView[];

  @Texts('Groups that would be made for the person')
  created!: readonly string[];

  @Texts('Asserted values that name no group')
  unknown!: readonly string[];
}

/** What a sign-in would do. Nothing of it has happened. */
export class SignInPreviewView {
  @Choice(['accept', 'update', 'link', 'create', 'reject'], 'The decision')
  decision!: string;

  @Text('The row of the table that decided; assertion: the checks of the protocol')
  rule!: string;

  @Text('Why it would be rejected', { nullable: true })
  reason!: string | null;

  @Json('For the operator: what stands in the way', { nullable: true })
  detail!: unknown;

  @Text('What the person is recognised by', { nullable: true })
  matchedBy!: string | null;

  @Id('The person; null: somebody new, or nobody', { nullable: true })
  userId!: string | null;

  @Flag('Would the NameID be linked to a person who is there?')
  links!: boolean;

  @Json('What the attribute mapping reads; null: it did not verify', { nullable: true })
  claims!: object | null;

  @Json('Attribute of the person -> old and new value')
  changes!: object;

  @Flag('The asserted userName is somebody else’s and would not be taken')
  userNameTaken!: boolean;

  @Nested(GroupEffectsView, 'Groups')
  groups!: GroupEffectsView;

  @Json('Where the assertion disagrees with a person whom sign-ins do not change', { nullable: true })
  drift!: object | null;
}
