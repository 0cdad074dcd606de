import { DRIFT_KINDS } from '../../reconciliation/describe-drift.js';
import { Choice, Id, Instant, Integer, Json, Nested, NestedList, Text, Texts } from '../field.decorators.js';

const MANY = { min: 0, max: 2_000_000_000 };

export class DriftGroupView {
  @Id('The group')
  id!: string;

  @Text('Its name')
  displayName!: string;
}

export class DriftGroupsView {
  @NestedList(DriftGroupView, 'Asserted, but the person is no member')
  assertedOnly!: readonly DriftGroupView[];

  @NestedList(DriftGroupView, 'The person is a member, but it was not asserted')
  storedOnly!: readonly DriftGroupView[];

  @Texts('Asserted values that name no group')
  unknown!: readonly string[];
}

/** Where the last assertion of a person disagrees with SCIM state. */
export class DriftView {
  @Id('The person')
  userId!: string;

  @Text('The userName')
  userName!: string;

  @Id('The connection that is the authority', { nullable: true })
  connectionId!: string | null;

  @Texts(`In what: ${DRIFT_KINDS.join(', ')}; active: SCIM ended the access, and the IdP goes on asserting the person`)
  kinds!: readonly string[];

  @Json('Stored and asserted value of what differs')
  profile!: object;

  @Nested(DriftGroupsView, 'Groups that differ')
  groups!: DriftGroupsView;

  @Id('The last sign-in that asserted them; null: none did or SCIM does not decide about them', { nullable: true })
  signInId!: string | null;

  @Instant('When that was', { nullable: true })
  assertedAt!: string | null;

  @Choice(['deactivated', 'deprovisioned'], 'Why that sign-in was refused; null: it was accepted', { nullable: true })
  refused!: string | null;
}

export class DriftKindCountsView {
  @Integer('Groups that the person is in and that were not asserted, or the other way round', MANY)
  groups!: number;

  @Integer('Asserted values that name no group', MANY)
  'unknown-groups'!: number;

  @Integer('Name, userName or e-mail', MANY)
  profile!: number;

  @Integer('Not active here, and asserted since', MANY)
  active!: number;
}

export class DriftCountsView {
  @Integer('People under SCIM whom an IdP has asserted', MANY)
  compared!: number;

  @Integer('How many of them have drift of any kind', MANY)
  people!: number;

  @Nested(DriftKindCountsView, 'How many have drift of each kind; a person may have several')
  kinds!: DriftKindCountsView;
}
