import { Choice, Flag, Ids, Text } from '../field.decorators.js';

const optional = { optional: true };
const clearable = { optional: true, nullable: true };

export class CreateUserBody {
  @Text('Unique in the organization, in any case', { max: 255 })
  userName!: string;

  @Text('The primary e-mail address', { ...optional, max: 320 })
  email?: string;

  @Text('Given name', { ...optional, max: 200 })
  givenName?: string;

  @Text('Family name', { ...optional, max: 200 })
  familyName?: string;

  @Text('The name to display', { ...optional, max: 200 })
  displayName?: string;

  @Text('The id the IdP knows the person by', { ...optional, max: 255 })
  externalId?: string;

  @Text('The role; the least powerful when not given', { ...optional, max: 100 })
  role?: string;
}

export class UpdateUserBody {
  @Flag('Emergency access: provisioning clients cannot deactivate or delete this person', optional)
  breakGlass?: boolean;

  @Flag('Allow a provisioning client to take over this manual user', optional)
  scimLinkApproved?: boolean;

  @Text('The role without groups', { ...optional, max: 100 })
  role?: string;

  @Flag('false deactivates: sessions end, memberships stay', optional)
  active?: boolean;
}

const POLICIES = ['authoritative', 'own', 'additive', 'ignore'] as const;

export class UpdateGroupBody {
  @Text('Unique in the organization, in any case', { ...optional, max: 255 })
  displayName?: string;

  @Text('The id the IdP knows the group by', { ...clearable, max: 255 })
  externalId?: string | null;

  @Flag('Only a group mapping lets sign-ins add to it; provisioning clients cannot touch it', optional)
  protected?: boolean;

  @Flag('Every member of the organization is in it', optional)
  isDefault?: boolean;

  @Text('The role its members have at least', { ...clearable, max: 100 })
  role?: string | null;

  @Choice(POLICIES, 'What a sign-in may do to its memberships', optional)
  loginPolicy?: (typeof POLICIES)[number];
}

export class CreateGroupBody extends UpdateGroupBody {
  @Text('Unique in the organization, in any case', { max: 255 })
  override displayName!: string;
}

export class MembersBody {
  @Ids('The ids of the users')
  userIds!: string[];
}
