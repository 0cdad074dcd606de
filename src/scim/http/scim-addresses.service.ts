import { Inject, Injectable } from '@nestjs/common';
import { PublicUrl } from '../../platform/public-url.js';
import { Addresses } from './addresses.js';

/** Where the SCIM service lies below the public address. */
export const SCIM_ROOT = '/scim/v2';

/** The addresses of this server's resources; known once it listens. */
@Injectable()
export class ScimAddresses {
  private known: Addresses | undefined;

  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  get(): Addresses {
    return (this.known ??= new Addresses(this.publicUrl.to(SCIM_ROOT)));
  }
}
