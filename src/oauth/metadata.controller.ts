import { Controller, Get, Header, Inject, NotFoundException, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SIGNATURE_ALGORITHMS } from '../organizations/client-keys.js';
import { PublicUrl } from '../platform/public-url.js';
import { namesDocument, SCIM_PATH, toResourceMetadata, toServerMetadata } from './metadata.js';

const SERVER = 'oauth-authorization-server';
const RESOURCE = 'oauth-protected-resource';
const both = (name: string) => [`.well-known/${name}`, `.well-known/${name}/*`];

/** Where clients learn the token endpoint: for everybody, the same for every connection. */
@Controller()
export class MetadataController {
  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  @Get(both(SERVER))
  @Header('cache-control', 'public, max-age=300')
  server(@Req() { url }: FastifyRequest): object {
    const issuer = this.publicUrl.get();
    if (!namesDocument(url, SERVER, issuer, '')) throw new NotFoundException();
    return toServerMetadata(issuer, SIGNATURE_ALGORITHMS);
  }

  @Get(both(RESOURCE))
  @Header('cache-control', 'public, max-age=300')
  resource(@Req() { url }: FastifyRequest): object {
    const issuer = this.publicUrl.get();
    if (!namesDocument(url, RESOURCE, issuer, SCIM_PATH)) throw new NotFoundException();
    return toResourceMetadata(issuer);
  }
}
