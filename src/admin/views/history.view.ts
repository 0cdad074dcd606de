import { Choice, Flag, Id, Instant, Integer, Json, Nested, NestedList, Text, Texts } from '../field.decorators.js';

export class PastUserView {
  @Text('Unique among the living')
  userName!: string;

  @Text('The id the IdP knew the person by', { nullable: true })
  externalId!: string | null;

  @Flag('false: could not sign in')
  active!: boolean;

  @Choice(['manual', 'jit', 'scim'], 'Who was the authority for this person')
  provenance!: string;

  @Id('The connection whose authority that was', { nullable: true })
  connectionId!: string | null;

  @Text('The role without groups')
  role!: string;

  @Text('The most powerful of that and the roles of the groups, by today’s order of roles')
  effectiveRole!: string;

  @Flag('Emergency access')
  breakGlass!: boolean;

  @Flag('A provisioning client might take over this manual user')
  scimLinkApproved!: boolean;

  @Json('All attributes, as SCIM has them')
  attributes!: object;

  @Instant('Deleted since; null: was not', { nullable: true })
  deletedAt!: string | null;
}

export class PastMembershipView {
  @Id('The group')
  groupId!: string;

  @Text('What it was called then', { nullable: true })
  displayName!: string | null;

  @Text('The role it gave then', { nullable: true })
  role!: string | null;

  @Texts('Why the person was in it')
  origins!: readonly string[];
}

export class PastIdentityView {
  @Id('The connection the person could sign in over')
  connectionId!: string;

  @Text('Format of the NameID')
  format!: string;

  @Text('Qualifier of the NameID; empty: none')
  nameQualifier!: string;

  @Text('The NameID')
  nameId!: string;
}

class HistoryView {
  @Instant('The instant')
  at!: string;

  @Flag('false: something was changed by a version that did not log everything; see the audit entries')
  certain!: boolean;
}

export class UserHistoryView extends HistoryView {
  @Nested(PastUserView, 'What the person was; null: had not been made yet', { nullable: true })
  user!: PastUserView | null;

  @NestedList(PastMembershipView, 'The groups, and why')
  memberships!: readonly PastMembershipView[];

  @NestedList(PastIdentityView, 'The subjects that led to the person')
  identities!: readonly PastIdentityView[];
}

export class PastGroupView {
  @Text('Its name')
  displayName!: string;

  @Text('The id the IdP knew the group by', { nullable: true })
  externalId!: string | null;

  @Choice(['manual', 'scim'], 'Who was the authority for this group')
  provenance!: string;

  @Id('The connection whose authority that was', { nullable: true })
  connectionId!: string | null;

  @Choice(['authoritative', 'own', 'additive', 'ignore'], 'What a sign-in might do to its memberships')
  loginPolicy!: string;

  @Flag('Only a group mapping let sign-ins add to it')
  protected!: boolean;

  @Flag('Every member of the organization was in it')
  isDefault!: boolean;

  @Text('The role its members had at least', { nullable: true })
  role!: string | null;

  @Json('All other attributes')
  attributes!: object;
}

export class GroupHistoryView extends HistoryView {
  @Nested(PastGroupView, 'What the group was; null: was not there', { nullable: true })
  group!: PastGroupView | null;

  @Integer('How many were in it; `group history-members` names them', { min: 0, max: 2_000_000_000 })
  memberCount!: number;
}

export class PastMemberView {
  @Id('The user')
  userId!: string;

  @Texts('Why the person was in it')
  origins!: readonly string[];
}
