import { Choice, Instant, Integer, Text } from '../field.decorators.js';

/** When a certificate of a connection expires. */
export class CertificateExpiryView {
  @Choice(['idp', 'sp'], 'Whose it is: the IdP’s, or ours')
  party!: 'idp' | 'sp';

  @Choice(['signing', 'encryption'], 'What it is for')
  use!: 'signing' | 'encryption';

  @Text('As it stands in the certificate')
  subject!: string;

  @Text('SHA-256 of the certificate')
  fingerprint!: string;

  @Instant('Valid until')
  notAfter!: string;

  @Integer('Whole days until then; negative once it has expired', { min: -100_000, max: 100_000 })
  daysLeft!: number;

  @Instant('Another certificate for the same is valid until then; null: none is valid for longer', { nullable: true })
  coveredUntil!: string | null;
}
