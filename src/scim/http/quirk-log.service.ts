import { Inject, Injectable } from '@nestjs/common';
import { Log } from '../../platform/logger.js';
import { observeQuirks, type Quirk } from '../protocol/quirks/observe-quirks.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import type { Caller } from './scim.request.js';

/** Counts, since the server started, in what dialect the client of each connection writes its PATCH requests. */
@Injectable()
export class QuirkLog {
  private readonly counts = new Map<string, Map<Quirk, number>>();

  constructor(@Inject(Log) private readonly log: Log) {}

  note({ connection, actor }: Caller, body: JsonObject): void {
    const quirks = observeQuirks(body);
    if (quirks.size === 0) return;
    const counts = this.counts.get(connection.id) ?? new Map<Quirk, number>();
    this.counts.set(connection.id, counts);
    for (const quirk of quirks) counts.set(quirk, (counts.get(quirk) ?? 0) + 1);
    const { correlationId } = actor;
    this.log.pino.debug({ connectionId: connection.id, correlationId, quirks: [...quirks] }, 'quirks of a SCIM client');
  }

  of(connectionId: string): ReadonlyMap<Quirk, number> {
    return this.counts.get(connectionId) ?? new Map();
  }
}
