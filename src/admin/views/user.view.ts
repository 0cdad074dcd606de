import { Choice, Flag, Id, Instant, Json, NestedList, Text, Texts } from '../field.decorators.js';
import { SessionView } from './session.view.js';

export class UserView {
  @Id('Never changes')
  id!: string;

  @Text('Unique in the organization')
  userName!: string;

  @Text('The name to display', { nullable: true })
  displayName!: string | null;

  @Texts('E-mail addresses, the primary one first')
  emails!: readonly string[];

  @Text('The id the IdP knows the person by', { nullable: true })
  externalId!: string | null;

  @Flag('false: cannot sign in, keeps memberships')
  active!: boolean;

  @Choice(['manual', 'jit', 'scim'], 'Who is the authority for this person now')
  provenance!: string;

  @Id('The connection whose authority that is', { nullable: true })
  connectionId!: string | null;

  @Text('The role without groups')
  role!: string;

  @Flag('Emergency access')
  breakGlass!: boolean;

  @Flag('A provisioning client may take over this manual user')
  scimLinkApproved!: boolean;

  @Instant('When the person was made')
  createdAt!: string;

  @Instant('When the person last changed')
  updatedAt!: string;
}

export class MembershipView {
  @Id('The group')
  groupId!: string;

  @Text('Its name')
  displayName!: string;

  @Texts('Why the person is in it: manual, scim, default, jit:<connection>')
  origins!: readonly string[];

  @Text('The role the group gives', { nullable: true })
  role!: string | null;
}

export class IdentityView {
  @Id('The connection the person signs in over')
  connectionId!: string;

  @Text('Format of the NameID')
  format!: string;

  @Text('Qualifier of the NameID; empty: none')
  nameQualifier!: string;

  @Text('The NameID')
  nameId!: string;

  @Instant('When it was linked')
  createdAt!: string;
}

export class UserDetailView extends UserView {
  @Text('The most powerful of the own role and those of the groups')
  effectiveRole!: string;

  @Json('All attributes, as SCIM has them')
  attributes!: object;

  @NestedList(MembershipView, 'The groups, and why')
  memberships!: readonly MembershipView[];

  @NestedList(IdentityView, 'The subjects by which the person signs in')
  identities!: readonly IdentityView[];

  @NestedList(SessionView, 'Live sessions, the newest 200 at most')
  sessions!: readonly SessionView[];
}
