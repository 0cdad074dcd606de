import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ScimTokensService } from '../../organizations/scim-tokens.service.js';
import { ScimError } from '../protocol/scim-error.js';
import { ConnectionTypes } from './connection-types.service.js';
import { readAuthorization } from './read-authorization.js';
import type { ScimRequest } from './scim.request.js';
import { unauthorized } from './unauthorized.js';

/** Finds whose token it is and whether that connection takes SCIM requests; leaves the Caller on the request. Throws ScimError 401, 403. */
@Injectable()
export class ScimTokenGuard implements CanActivate {
  constructor(
    @Inject(ScimTokensService) private readonly tokens: ScimTokensService,
    @Inject(ConnectionTypes) private readonly types: ConnectionTypes,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    const token = readAuthorization(request.headers.authorization);
    const found = token === undefined ? undefined : await this.tokens.authenticate(token);
    if (!found) throw unauthorized();
    const { connection, tokenId } = found;
    if (!connection.enabled) {
      const reason = connection.disabledReason === null ? '' : ` (${connection.disabledReason})`;
      throw new ScimError(
        403,
        `The connection "${connection.name}" is disabled${reason}; an operator of the service must enable it.`,
      );
    }
    if (!connection.scim) {
      throw new ScimError(
        403,
        `SCIM is switched off for the connection "${connection.name}"; an operator of the service must switch it on.`,
      );
    }
    request.caller = {
      connection,
      actor: { kind: 'scim-client', id: tokenId, correlationId: request.id },
      types: this.types.of(connection),
    };
    return true;
  }
}

/** As ScimTokenGuard for whoever brings a token; who brings none may pass, without a Caller. */
@Injectable()
export class TokenIfAnyGuard extends ScimTokenGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    return request.headers.authorization === undefined || super.canActivate(context);
  }
}
