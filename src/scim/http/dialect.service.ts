import { Inject, Injectable } from '@nestjs/common';
import type { PatchLiberty, PatchRules } from '../protocol/dialect.js';
import { observeRequest, type SentRequest } from '../protocol/quirks/observe-quirks.js';
import { refuseQuirks } from './refuse-quirks.js';
import { QuirkCounter } from './quirk-counter.service.js';
import type { Caller } from './scim.request.js';

/** Every request of the SCIM door passes here once, and every operation of a bulk request: counted, and refused if it must be. */
@Injectable()
export class DialectService {
  constructor(@Inject(QuirkCounter) private readonly counter: QuirkCounter) {}

  /** Throws ScimError when the connection is strict and the request is not. */
  admit({ connection, types, userAgent }: Caller, request: SentRequest): void {
    const seen = observeRequest(request, [types.User, types.Group]);
    if (seen.size === 0) return;
    this.counter.count(connection, seen.keys(), userAgent);
    if (connection.provisioning.dialect === 'strict') refuseQuirks(seen);
  }

  /** By which rules a PATCH of the caller is applied; the liberties that show only then are counted, each once a request. */
  rulesOf({ connection, userAgent }: Caller): PatchRules {
    const told = new Set<PatchLiberty>();
    const took = (liberty: PatchLiberty) => {
      // A transaction that is tried again tells of them again.
      if (!told.has(liberty)) this.counter.count(connection, [liberty], userAgent);
      told.add(liberty);
    };
    return { dialect: connection.provisioning.dialect, took };
  }
}
