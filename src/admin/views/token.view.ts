import { Choice, Id, Instant, Nested, Text, Texts } from '../field.decorators.js';

export class AdminTokenView {
  @Id('Never changes')
  id!: string;

  @Text('What it is for')
  name!: string;

  @Text('The last characters of the token, to recognise it by')
  lastFour!: string;

  @Instant('When it was made')
  createdAt!: string;

  @Instant('When it stops working', { nullable: true })
  expiresAt!: string | null;

  @Instant('When it was last used, to the minute', { nullable: true })
  lastUsedAt!: string | null;

  @Instant('When it was revoked', { nullable: true })
  revokedAt!: string | null;
}

export class ScimTokenView extends AdminTokenView {
  @Id('The connection it speaks for')
  connectionId!: string;

  @Texts('Addresses and ranges it may be used from; null: from anywhere', { nullable: true })
  allowedAddresses!: readonly string[] | null;

  @Instant('When it was last refused for its address, to the hour', { nullable: true })
  lastRefusedAt!: string | null;

  @Text('The address it was refused for', { nullable: true })
  lastRefusedAddress!: string | null;
}

export class NewAdminTokenView {
  @Text('The token itself: shown here and never again')
  token!: string;

  @Nested(AdminTokenView, 'As it is listed')
  record!: AdminTokenView;
}

export class NewScimTokenView {
  @Text('The token itself: shown here and never again')
  token!: string;

  @Nested(ScimTokenView, 'As it is listed')
  record!: ScimTokenView;
}

export class DomainView {
  @Text('The domain in lower case')
  domain!: string;

  @Text('The TXT record that proves it')
  txtRecord!: string;

  @Instant('When it was claimed')
  createdAt!: string;

  @Instant('When it was verified', { nullable: true })
  verifiedAt!: string | null;

  @Choice(['dns', 'operator'], 'What proved it', { nullable: true })
  verifiedBy!: 'dns' | 'operator' | null;

  @Id('The connection that people of this domain sign in over; null: whichever the organization has', {
    nullable: true,
  })
  connectionId!: string | null;
}
