import type { SeenQuirk } from '../../organizations/client-quirks.service.js';
import type { Connection } from '../../organizations/connection.js';
import { quirkNamed } from '../../scim/protocol/quirks/all-quirks.js';
import { guessClient } from '../../scim/protocol/quirks/guess-client.js';
import type { ConnectionQuirksView, QuirkView } from './client.view.js';

/** What the SCIM client of a connection does, as operators see it. */
export function toConnectionQuirksView({ provisioning }: Connection, seen: readonly SeenQuirk[]): ConnectionQuirksView {
  const counts = new Map(seen.map(({ quirk, requests }) => [quirk, requests]));
  const guess = guessClient(counts, lastUserAgent(seen));
  return {
    dialect: provisioning.dialect,
    client: guess ? { name: guess.client, because: guess.because } : null,
    quirks: seen.map(toQuirkView),
  };
}

function toQuirkView({ quirk, requests, firstSeenAt, lastSeenAt, userAgent }: SeenQuirk): QuirkView {
  const known = quirkNamed(quirk);
  return {
    quirk,
    sentence: known?.sentence ?? 'Another version of this server knows what it is.',
    refusedWhenStrict: known?.refusal !== undefined,
    requests,
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    userAgent,
  };
}

const lastUserAgent = (seen: readonly SeenQuirk[]): string | null =>
  seen.reduce<SeenQuirk | undefined>(
    (last, each) => (last && last.lastSeenAt >= each.lastSeenAt ? last : each),
    undefined,
  )?.userAgent ?? null;
