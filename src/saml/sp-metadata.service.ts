import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '../organizations/connection.js';
import { SpKeyPairs } from '../organizations/sp-key-pairs.service.js';
import { SpKeys } from '../organizations/sp-keys.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { BINDING_POST, BINDING_REDIRECT } from './protocol/names.js';
import { signDocument } from './protocol/sign-document.js';
import { spAddresses } from './sp-addresses.js';
import { toSpMetadata } from './to-sp-metadata.js';

/** The metadata of a connection as it stands now, signed where somebody wishes it. */
@Injectable()
export class SpMetadata {
  constructor(
    @Inject(SpKeys) private readonly keys: SpKeys,
    @Inject(SpKeyPairs) private readonly keyPairs: SpKeyPairs,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  async of({ organizationId, id, saml }: Connection, signed: boolean): Promise<string> {
    const addresses = spAddresses(this.publicUrl.get(), id);
    const metadata = toSpMetadata({
      addresses,
      keys: await this.keys.published(organizationId, id),
      settings: saml,
      singleLogout: [BINDING_REDIRECT, BINDING_POST].map((binding) => ({ binding, location: addresses.sloUrl })),
    });
    if (!signed && !saml?.signMetadata) return metadata;
    return signDocument(metadata, await this.keyPairs.signing(organizationId, id));
  }
}
