import { Choice, Flag, Id, Instant, Json, NestedList, Text } from '../field.decorators.js';

const KINDS = [
  'sign-in',
  'scim-request',
  'operator',
  'person',
  'system',
  'asserted',
  'rule',
  'default-group',
  'joins',
  'role-mapping',
  'default-role',
  'own-role',
  'group-role',
  'unlogged',
];

export class LinkView {
  @Choice(KINDS, 'What leads on')
  kind!: string;

  @Text('From where: the person, or where the link before led')
  from!: string;

  @Text('To what')
  to!: string;

  @Json('What is known of it: the IdP’s value, the rule, or who did it, when and in which request')
  because!: object;
}

export class ChainView {
  @NestedList(LinkView, 'From the person to what is given; without any one of them it is not')
  links!: readonly LinkView[];
}

export class ExplainedOriginView {
  @Text('manual, scim, default or jit:<connection>')
  origin!: string;

  @NestedList(ChainView, 'Each is enough')
  chains!: readonly ChainView[];
}

export class ExplainedMembershipView {
  @Id('The group')
  groupId!: string;

  @Text('Its name')
  displayName!: string;

  @NestedList(ExplainedOriginView, 'Every reason for the membership, which lives while one is left')
  origins!: readonly ExplainedOriginView[];
}

export class ExplainedRoleView {
  @Text('A role that something gives')
  role!: string;

  @Flag('It is the effective one: the most powerful of all that are given')
  wins!: boolean;

  @NestedList(ChainView, 'Each is enough; one that begins at a group needs a membership of it')
  chains!: readonly ChainView[];
}

export class ExplanationView {
  @Text('The role the person has')
  effectiveRole!: string;

  @NestedList(ExplainedRoleView, 'All roles that are given, the most powerful first')
  roles!: readonly ExplainedRoleView[];

  @NestedList(ExplainedMembershipView, 'The groups')
  memberships!: readonly ExplainedMembershipView[];
}

export class HappeningView {
  @Id('Of the record; later ones have greater ids')
  id!: string;

  @Instant('When')
  at!: string;

  @Choice(['sign-in', 'change', 'event'], 'From which record: sign-ins, audit entries, events')
  kind!: string;

  @Text('Outcome of the sign-in, action or type of the event')
  what!: string;

  @Text('Who did it: the kind of actor and which one; null: see the change', { nullable: true })
  by!: string | null;

  @Text('The same in every record of one request; null on events', { nullable: true })
  correlationId!: string | null;

  @Json('The whole record; of a group, without its other members')
  record!: object;
}
