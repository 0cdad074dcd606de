import { All, Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { refuseRoute } from './refuse-route.js';

/** Everything under /scim that no other controller takes. Asks for no token: it tells nothing but which addresses there are. */
@Controller()
export class UnroutedController {
  @All(['scim', 'scim/*'])
  refuse(@Req() request: FastifyRequest): never {
    throw refuseRoute(request.method, request.url);
  }
}
