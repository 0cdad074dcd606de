import { Choice, Flag, Id, Instant, Text, Texts } from '../field.decorators.js';

export class GroupView {
  @Id('Never changes')
  id!: string;

  @Text('Its name')
  displayName!: string;

  @Text('The id the IdP knows the group by', { nullable: true })
  externalId!: string | null;

  @Choice(['manual', 'scim'], 'Who is the authority for this group now')
  provenance!: string;

  @Id('The connection whose authority that is', { nullable: true })
  connectionId!: string | null;

  @Choice(['authoritative', 'own', 'additive', 'ignore'], 'What a sign-in may do to its memberships')
  loginPolicy!: string;

  @Flag('Only a group mapping lets sign-ins add to it; provisioning clients cannot touch it')
  protected!: boolean;

  @Flag('Every member of the organization is in it')
  isDefault!: boolean;

  @Text('The role its members have at least', { nullable: true })
  role!: string | null;

  @Instant('When it was made')
  createdAt!: string;

  @Instant('When it last changed')
  updatedAt!: string;
}

export class MemberView {
  @Id('The user')
  id!: string;

  @Text('The userName')
  userName!: string;

  @Text('The name to display', { nullable: true })
  displayName!: string | null;

  @Texts('Why the person is in it: manual, scim, default, jit:<connection>')
  origins!: readonly string[];
}

export class WaitingMemberView {
  @Text('As the client gave it: an id, or the externalId of the user')
  value!: string;

  @Id('The connection whose client it was; only a user of it joins')
  connectionId!: string;

  @Instant('Since when; who has waited for thirty days is forgotten')
  since!: string;
}
