import { Choice, Instant, Text } from '../field.decorators.js';

export class CreateTokenBody {
  @Text('What it is for', { max: 200 })
  name!: string;

  @Instant('When it stops working; never when not given', { optional: true, nullable: true })
  expiresAt?: string | null;
}

export class ClaimDomainBody {
  @Text('The e-mail domain', { max: 253 })
  domain!: string;
}

export class VerifyDomainBody {
  @Choice(['dns', 'operator'], 'By the TXT record, or on your word; dns when not given', { optional: true })
  by?: 'dns' | 'operator';
}
