import { LEAST_REQUESTS_PER_SECOND } from '../../organizations/connection.js';
import { PRESET_NAMES, type PresetName } from '../../organizations/idp-presets/presets.js';
import { Choice, Flag, Id, Integer, Nested, NestedList, Text, Texts } from '../field.decorators.js';

const optional = { optional: true };

export class RoleMappingBody {
  @Text('A value of the role attribute, or of SCIM roles')
  value!: string;

  @Text('The role it gives', { max: 100 })
  role!: string;
}

export class GroupMappingBody {
  @Text('A value of the groups attribute')
  value!: string;

  @Id('The group it means')
  groupId!: string;
}

/** The larger of the two is what is allowed within an hour. */
export class GuardThresholdBody {
  @Integer('So many people are always allowed', { min: 0, max: 1_000_000 })
  atLeast!: number;

  @Integer('So many people in a hundred are allowed', { min: 0, max: 100 })
  percent!: number;
}

const switchable = { optional: true, nullable: true };

/** What a sign-in and a SCIM client of a connection may do. */
export class ProvisioningBody {
  @Flag('Refuse sign-ins of unknown people; null: while SCIM is on', { optional: true, nullable: true })
  requireScim?: boolean | null;

  @Flag('A sign-in may turn a manual user of a verified domain into a JIT user', optional)
  linkManualUsers?: boolean;

  @Texts('E-mail domains whose people a sign-in may create; null: any that no other organization has verified', {
    optional: true,
    nullable: true,
    max: 253,
  })
  allowedDomains?: string[] | null;

  @Choice(['adopt', 'conflict'], 'What creating an existing JIT user by SCIM does', optional)
  takeover?: 'adopt' | 'conflict';

  @Text('The role of new people', { optional: true, max: 100 })
  defaultRole?: string;

  @NestedList(RoleMappingBody, 'Which values give which role; a value that is a role name needs no entry', optional)
  roleMapping?: RoleMappingBody[];

  @NestedList(GroupMappingBody, 'Which values mean which group; the only way into a protected group', optional)
  groupMapping?: GroupMappingBody[];

  @Choice(['remove', 'keep'], 'Memberships of a person whose assertion has no groups attribute', optional)
  whenGroupsAbsent?: 'remove' | 'keep';

  @Choice(['ignore', 'create'], 'Groups an assertion names that nobody knows', optional)
  unknownGroups?: 'ignore' | 'create';

  @Flag('SCIM may create a second group of one name', optional)
  duplicateGroupNames?: boolean;

  @Choice(['wait', 'drop', 'reject'], 'Members a SCIM client names that are nobody here (yet)', optional)
  unknownMembers?: 'wait' | 'drop' | 'reject';

  @Flag('SCIM cannot take the last active admin', optional)
  protectLastAdmin?: boolean;

  @Integer('SCIM requests a second over all nodes; null: as the settings of the server say', {
    optional: true,
    nullable: true,
    min: LEAST_REQUESTS_PER_SECOND,
    max: 100_000,
  })
  requestsPerSecond?: number | null;
  @Choice(
    ['tolerant', 'strict'],
    'How the SCIM client writes: as connectors do, or by the RFC and its profiles',
    optional,
  )
  dialect?: 'tolerant' | 'strict';

  @Nested(GuardThresholdBody, 'People from whom sign-ins may take every group; null: the guard is off', switchable)
  removalGuard?: GuardThresholdBody | null;

  @Nested(GuardThresholdBody, 'People whom SCIM may deactivate or delete; null: the guard is off', switchable)
  deprovisioningGuard?: GuardThresholdBody | null;
}

const NAMES = { optional: true, max: 500 };

/** Names of SAML attributes, the first that is there wins; NameID means the subject, Usual the usual names of the known IdPs. */
export class AttributeMappingBody {
  @Texts('Attributes that hold the userName', NAMES)
  userName?: string[];
  @Texts('Attributes that hold the e-mail address', NAMES)
  email?: string[];
  @Texts('Attributes that hold the given name', NAMES)
  givenName?: string[];
  @Texts('Attributes that hold the family name', NAMES)
  familyName?: string[];
  @Texts('Attributes that hold the name to display', NAMES)
  displayName?: string[];
  @Texts('Attributes that hold the externalId of SCIM', NAMES)
  externalId?: string[];
  @Texts('Attributes that hold roles', NAMES)
  role?: string[];
  @Texts('Attributes that hold groups; empty: groups are not synchronised', NAMES)
  groups?: string[];
}

export class UpdateConnectionBody {
  @Text('Its name for operators', { optional: true, max: 200 })
  name?: string;

  @Flag('A sign-in may create and update people', optional)
  jit?: boolean;

  @Flag('A SCIM client is the authority for its people', optional)
  scim?: boolean;

  @Nested(ProvisioningBody, 'What is not given stays', optional)
  provisioning?: ProvisioningBody;

  @Nested(AttributeMappingBody, 'Replaces the whole mapping', optional)
  attributeMapping?: AttributeMappingBody;
}

export class CreateConnectionBody extends UpdateConnectionBody {
  @Text('Its name for operators', { max: 200 })
  override name!: string;

  @Choice(PRESET_NAMES, 'Which product the IdP is: its attribute names and options are the defaults', optional)
  preset?: PresetName;
}

export class DisableConnectionBody {
  @Text('Shown to operators and to the provisioning client', { max: 500 })
  reason!: string;

  @Flag('End the sessions that were opened over it too; otherwise they go on to their end', optional)
  endSessions?: boolean;
}
