import { Instant, LongText, Text, Texts } from '../field.decorators.js';

const NAME = 'What it is for';
const JWKS = 'Its public keys as a JWK Set (RFC 7517), JSON text';
const ALLOWED = 'Addresses and ranges (CIDR) it may come from; null: from anywhere';
const MOST_JWKS = 50_000;
const EXPIRY = 'When the secret stops working; never when not given';

/** With `jwks` the client signs assertions (private_key_jwt); without it is given a secret. */
export class CreateScimClientBody {
  @Text(NAME, { max: 200 })
  name!: string;

  @LongText(`${JWKS}; not given: it gets a secret`, { optional: true, max: MOST_JWKS })
  jwks?: string;

  @Instant(EXPIRY, { optional: true, nullable: true })
  secretExpiresAt?: string | null;

  @Texts(ALLOWED, { optional: true, nullable: true, max: 50 })
  allowedAddresses?: string[] | null;
}

export class UpdateScimClientBody {
  @Text(NAME, { optional: true, max: 200 })
  name?: string;

  @LongText(`${JWKS}; replaces all of them`, { optional: true, max: MOST_JWKS })
  jwks?: string;

  @Texts(ALLOWED, { optional: true, nullable: true, max: 50 })
  allowedAddresses?: string[] | null;
}

export class RotateSecretBody {
  @Instant(EXPIRY, { optional: true, nullable: true })
  secretExpiresAt?: string | null;
}
