import { Choice, Id, Instant, Text, Texts } from '../field.decorators.js';

export class CreateTokenBody {
  @Text('What it is for', { max: 200 })
  name!: string;

  @Instant('When it stops working; never when not given', { optional: true, nullable: true })
  expiresAt?: string | null;
}

const ALLOWED = 'Addresses and ranges (CIDR) it may be used from; null: from anywhere';

/** `allowedAddresses` not given: from anywhere; of a rotation, as the newest live token has it. */
export class CreateScimTokenBody extends CreateTokenBody {
  @Texts(ALLOWED, { optional: true, nullable: true, max: 50 })
  allowedAddresses?: string[] | null;
}

export class UpdateScimTokenBody {
  @Text('What it is for', { optional: true, max: 200 })
  name?: string;

  @Texts(ALLOWED, { optional: true, nullable: true, max: 50 })
  allowedAddresses?: string[] | null;
}

export class ClaimDomainBody {
  @Text('The e-mail domain', { max: 253 })
  domain!: string;
}

export class VerifyDomainBody {
  @Choice(['dns', 'operator'], 'By the TXT record, or on your word; dns when not given', { optional: true })
  by?: 'dns' | 'operator';
}

export class UpdateDomainBody {
  @Id('The connection that people of this domain sign in over; null: whichever the organization has', {
    nullable: true,
  })
  connectionId!: string | null;
}
