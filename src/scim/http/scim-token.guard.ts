import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ClientAuthenticator } from '../../organizations/client-authenticator.service.js';
import type { Connection } from '../../organizations/connection.js';
import { ScimError } from '../protocol/scim-error.js';
import { ConnectionTypes } from './connection-types.service.js';
import { DialectService } from './dialect.service.js';
import { readAuthorization } from './read-authorization.js';
import { RequestGate } from './request-gate.service.js';
import { sentRequest, type Caller, type ScimRequest } from './scim.request.js';
import { tooManyRequests } from './too-many-requests.js';
import { unauthorized } from './unauthorized.js';

/**
 * Finds whose token it is, whether that connection takes SCIM requests, and whether it takes this one in the dialect it is written in;
 * leaves the Caller on the request. Throws ScimError 401, 403, 429, and what a strict connection refuses.
 */
@Injectable()
export class ScimTokenGuard implements CanActivate {
  constructor(
    @Inject(ClientAuthenticator) private readonly clients: ClientAuthenticator,
    @Inject(RequestGate) private readonly gate: RequestGate,
    @Inject(ConnectionTypes) private readonly types: ConnectionTypes,
    @Inject(DialectService) private readonly dialect: DialectService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    request.caller = await this.identify(request);
    this.dialect.admit(request.caller, sentRequest(request));
    return true;
  }

  /** Whose request it is at this moment; a request that takes long may ask again. It is counted once. */
  async identify(request: ScimRequest): Promise<Caller> {
    const token = readAuthorization(request.headers.authorization);
    if (token === undefined) throw unauthorized();
    const found = await this.clients.authenticate(token, request.ip, request.id);
    if (found.outcome === 'unknown') throw unauthorized();
    if (found.outcome === 'guessing') throw tooManyRequests('Too many wrong tokens', found.retryAfter);
    if (found.outcome === 'wrong-address') throw wrongAddress(request.ip);
    this.gate.recognised(request, found.connection);
    refuseSwitchedOff(found.connection);
    return {
      connection: found.connection,
      actor: { kind: 'scim-client', id: found.credentialId, correlationId: request.id },
      types: this.types.of(found.connection),
      userAgent: request.headers['user-agent'],
    };
  }
}

/** The client has a live token: it may know why it is refused, and whom to tell. */
const wrongAddress = (address: string) =>
  new ScimError(
    403,
    `This token must not be used from the address ${address}; an operator of the service must add it to the allowed addresses of the ` +
      "token, or, if it is the address of the service's own proxy, name the proxy in the setting TRUST_PROXY.",
  );

function refuseSwitchedOff(connection: Connection): void {
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
}

/** As ScimTokenGuard for whoever brings a token; who brings none may pass, without a Caller. */
@Injectable()
export class TokenIfAnyGuard extends ScimTokenGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    return request.headers.authorization === undefined || super.canActivate(context);
  }
}
