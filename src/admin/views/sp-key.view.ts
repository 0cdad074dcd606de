import { Choice, Id, Instant, Text } from '../field.decorators.js';

export class SpKeyView {
  @Id('Never changes')
  id!: string;

  @Choice(['signing', 'encryption'], 'For messages to the IdP, or for assertions that the IdP encrypts')
  use!: 'signing' | 'encryption';

  @Choice(
    ['next', 'active', 'previous', 'retired'],
    'next: published ahead; active: in use; previous: still published; retired: gone',
  )
  state!: 'next' | 'active' | 'previous' | 'retired';

  @Text('SHA-256 of the certificate')
  fingerprint!: string;

  @Text('The certificate, in PEM form')
  certificate!: string;

  @Instant('Valid from')
  notBefore!: string;

  @Instant('Valid until')
  notAfter!: string;

  @Instant('When it was published')
  createdAt!: string;

  @Instant('When it last became the one in use', { nullable: true })
  activatedAt!: string | null;

  @Instant('When it was retired', { nullable: true })
  retiredAt!: string | null;
}
