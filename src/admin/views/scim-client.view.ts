import { Choice, Id, Instant, Json, Nested, NestedList, Text, Texts } from '../field.decorators.js';

export class ClientSecretView {
  @Id('Never changes')
  id!: string;

  @Text('The last characters of the secret, to recognise it by')
  lastFour!: string;

  @Instant('When it was made')
  createdAt!: string;

  @Instant('When it stops working', { nullable: true })
  expiresAt!: string | null;
}

export class ScimClientView {
  @Id('Never changes')
  id!: string;

  @Text('What the client calls itself: client_id')
  clientId!: string;

  @Id('The connection it speaks for')
  connectionId!: string;

  @Text('What it is for')
  name!: string;

  @Choice(['client_secret', 'private_key_jwt'], 'How it proves who it is')
  method!: 'client_secret' | 'private_key_jwt';

  @Json('Its public keys', { nullable: true })
  jwks!: object | null;

  @NestedList(ClientSecretView, 'Its secrets that were not revoked, newest first')
  secrets!: readonly ClientSecretView[];

  @Texts('Addresses and ranges it may come from; null: from anywhere', { nullable: true })
  allowedAddresses!: readonly string[] | null;

  @Text('Where it gets access tokens')
  tokenEndpoint!: string;

  @Instant('When it was made')
  createdAt!: string;

  @Instant('When one of its access tokens was last used, to the minute', { nullable: true })
  lastUsedAt!: string | null;

  @Instant('When it was last refused for its address, to the hour', { nullable: true })
  lastRefusedAt!: string | null;

  @Text('The address it was refused for', { nullable: true })
  lastRefusedAddress!: string | null;

  @Instant('When it was revoked', { nullable: true })
  revokedAt!: string | null;
}

export class NewScimClientView {
  @Text('The secret itself: shown here and never again; null: it has keys', { nullable: true })
  clientSecret!: string | null;

  @Nested(ScimClientView, 'As it is listed')
  record!: ScimClientView;
}
