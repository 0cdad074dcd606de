import { quirkNamed, type QuirkName } from '../protocol/quirks/all-quirks.js';
import { ScimError } from '../protocol/scim-error.js';
import { unauthorized } from './unauthorized.js';

/** What a strict connection answers to quirks, the first that it has an answer to: quirk -> where it was seen. Throws ScimError. */
export function refuseQuirks(seen: ReadonlyMap<QuirkName, string>): void {
  for (const [name, where] of seen) {
    const refusal = quirkNamed(name)?.refusal;
    if (!refusal) continue;
    if (refusal.status === 401) throw unauthorized();
    throw new ScimError(
      refusal.status,
      `${where}: ${refusal.demand}. This connection is set to the strict dialect.`,
      refusal.scimType,
    );
  }
}
