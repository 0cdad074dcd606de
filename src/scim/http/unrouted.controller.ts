import { All, Controller, Delete, Get, Patch, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { refuseRoute } from './refuse-route.js';

/** With another method than POST these would be taken for a resource with the id ".search". */
const SEARCHES = ['scim/v2/Users/.search', 'scim/v2/Groups/.search'];

/** Everything under /scim that no other controller takes. Asks for no token: it tells nothing but which addresses there are. */
@Controller()
export class UnroutedController {
  @All(['scim', 'scim/*'])
  refuse(@Req() request: FastifyRequest): never {
    throw refuseRoute(request.method, request.url);
  }

  @Get(SEARCHES)
  refuseGet(@Req() request: FastifyRequest): never {
    return this.refuse(request);
  }

  @Put(SEARCHES)
  refusePut(@Req() request: FastifyRequest): never {
    return this.refuse(request);
  }

  @Patch(SEARCHES)
  refusePatch(@Req() request: FastifyRequest): never {
    return this.refuse(request);
  }

  @Delete(SEARCHES)
  refuseDelete(@Req() request: FastifyRequest): never {
    return this.refuse(request);
  }
}
