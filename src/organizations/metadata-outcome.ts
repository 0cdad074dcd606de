import type { Event } from '../outbox/events.js';
import type { IdpMetadata } from '../saml/protocol/parse-metadata.js';
import { fingerprintOf } from './check-fingerprints.js';
import type { Connection, SamlSettings } from './connection.js';
import { backoffSeconds, refreshSeconds, type MetadataSource } from './metadata-source.js';
import type { SettledSource } from './metadata-sources.service.js';
import { endpointsOf, sameEndpoints, type MetadataPlan } from './plan-metadata.js';

/** What came of a fetch, and what follows for the source and for whoever listens. Pure. */
export type Outcome =
  | {
      readonly kind: 'found';
      readonly metadata: IdpMetadata;
      readonly etag: string | null;
      readonly lastModified: string | null;
    }
  | { readonly kind: 'same' }
  | { readonly kind: 'failed'; readonly error: string };

/** After so long without success operators are told; until then one bad night of an IdP is its own affair. */
const FAILING_MS = 24 * 3600_000;

/** A document that is still the same may have expired. */
export function errorOf(outcome: Outcome, validUntil: Date | null, now: Date): string | null {
  if (outcome.kind === 'failed') return outcome.error;
  return validUntil !== null && validUntil <= now ? `The metadata expired on ${validUntil.toISOString()}` : null;
}

export function toSettled(
  source: MetadataSource,
  plan: MetadataPlan,
  outcome: Outcome,
  error: string | null,
  validUntil: Date | null,
  now: Date,
  spread: number,
): SettledSource {
  const { etag, lastModified } = outcome.kind === 'found' ? outcome : source;
  const intervalSeconds =
    outcome.kind === 'found'
      ? refreshSeconds(outcome.metadata.cacheDuration, validUntil ?? undefined, now)
      : source.intervalSeconds;
  const failures = error === null ? 0 : source.failures + 1;
  const lastSucceededAt = error === null ? now : source.lastSucceededAt;
  const failsForLong = now.getTime() - lastSucceededAt.getTime() >= FAILING_MS;
  const wait = error === null ? intervalSeconds : backoffSeconds(failures, intervalSeconds);
  return {
    etag,
    lastModified,
    lastSucceededAt,
    lastError: error,
    failures,
    toldFailingAt: error === null ? null : (source.toldFailingAt ?? (failsForLong ? now : null)),
    intervalSeconds,
    nextFetchAt: new Date(now.getTime() + Math.round(wait * spread) * 1000),
    leaving: plan.leaving,
    held: plan.held,
  };
}

export function eventsOf(
  { id, saml }: Connection & { readonly saml: SamlSettings },
  source: MetadataSource,
  plan: MetadataPlan,
  settled: SettledSource,
  now: Date,
): Event[] {
  const event = (type: Event['type'], data: Event['data']): Event => ({ type, subjectId: id, data });
  const events: Event[] = [];
  if (plan.added.length + plan.removed.length > 0) {
    const data = { added: plan.added.map(fingerprintOf), removed: plan.removed.map(fingerprintOf) };
    events.push(event('connection.certificates-changed', data));
  }
  if (!sameEndpoints(plan.saml, saml)) {
    events.push(event('connection.endpoints-changed', { before: endpointsOf(saml), after: endpointsOf(plan.saml) }));
  }
  if (plan.held && plan.held !== source.held) {
    events.push(event('connection.endpoints-held', { before: endpointsOf(saml), wanted: endpointsOf(plan.held) }));
  }
  if (settled.toldFailingAt && !source.toldFailingAt) {
    const since = settled.lastSucceededAt.toISOString();
    events.push(event('connection.metadata-failing', { since, error: settled.lastError }));
  }
  if (source.toldFailingAt && !settled.toldFailingAt) {
    events.push(
      event('connection.metadata-recovered', {
        failingSince: source.lastSucceededAt.toISOString(),
        at: now.toISOString(),
      }),
    );
  }
  return events;
}
