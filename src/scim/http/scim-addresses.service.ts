import { Inject, Injectable } from '@nestjs/common';
import { PublicUrl } from '../../platform/public-url.js';
import { Addresses, SCIM_ROOT } from './addresses.js';

/** The addresses of this server's resources; known once it listens. */
@Injectable()
export class ScimAddresses {
  private known: Addresses | undefined;

  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  get(): Addresses {
    return (this.known ??= new Addresses(this.publicUrl.to(SCIM_ROOT)));
  }
}
